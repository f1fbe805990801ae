"""The rules of DDI Codebook 2.5 for the elements that we write, taken down from the Alliance's schema and field-level pages.

Source: ddialliance.org, DDI-Codebook 2.5, codebook.xsd (`varType`, `valrngType`, `varFormatType`, `varGrpType` and others).  For
each element: its children in the order of the schema, those that may come once only, and the attributes that it may have beside
those of every element (`ID`, `xml:lang`, `source`).  It is no substitute for the schema itself, which no package carries.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

__all__ = ["LANG", "SPACE", "check_codebook"]

SPACE = "{ddi:codebook:2_5}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
LOCATION = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"
CHILDREN: dict[str, tuple[str, ...]] = {
    "codeBook": ("docDscr", "stdyDscr", "fileDscr", "dataDscr", "otherMat"),
    "docDscr": ("citation", "guide", "docStatus", "docSrc", "controlledVocabUsed", "notes"),
    "citation": ("titlStmt", "rspStmt", "prodStmt", "distStmt", "serStmt", "verStmt", "biblCit", "holdings", "notes"),
    "titlStmt": ("titl", "subTitl", "altTitl", "parTitl", "IDNo"),
    "prodStmt": ("producer", "copyright", "prodDate", "prodPlac", "software", "fundAg", "grantNo"),
    "stdyDscr": (
        *("citation", "studyAuthorization", "stdyInfo", "studyDevelopment", "method", "dataAccs", "othrStdyMat"),
        "notes",
    ),
    "stdyInfo": ("studyBudget", "subject", "abstract", "sumDscr", "qualityStatement", "notes", "exPostEvaluation"),
    "subject": ("keyword", "topcClas"),
    "sumDscr": (
        *("timePrd", "collDate", "nation", "geogCover", "geogUnit", "geoBndBox", "boundPoly", "anlyUnit", "universe"),
        "dataKind",
    ),
    "method": ("dataColl", "notes", "anlyInfo", "stdyClas", "dataProcessing", "codingInstructions"),
    "dataColl": (
        *("timeMeth", "dataCollector", "collectorTraining", "frequenc", "sampProc", "sampleFrame", "targetSampleSize"),
        *("deviat", "collMode", "resInstru", "instrumentDevelopment", "sources", "collSitu", "actMin", "ConOps"),
        *("weight", "cleanOps"),
    ),
    "fileDscr": ("fileTxt", "locMap", "notes"),
    "fileTxt": (
        *("fileName", "fileCitation", "dataFingerprint", "fileCont", "fileStrc", "dimensns", "fileType", "format"),
        *("filePlac", "dataChck", "ProcStat", "dataMsng", "software", "verStmt"),
    ),
    "dimensns": ("caseQnty", "varQnty", "logRecL", "recPrCas", "recNumTot"),
    "dataDscr": ("varGrp", "nCubeGrp", "var", "nCube", "notes"),
    "var": (
        *(
            "location",
            "labl",
            "imputation",
            "security",
            "embargo",
            "respUnit",
            "anlysUnit",
            "qstn",
            "valrng",
            "invalrng",
        ),
        *("undocCod", "universe", "TotlResp", "sumStat", "txt", "stdCatgry", "catgryGrp", "catgry", "codInstr"),
        *("verStmt", "concept", "derivation", "varFormat", "geoMap", "catLevel", "notes"),
    ),
    "qstn": ("preQTxt", "qstnLit", "postQTxt", "forward", "backward", "ivuInstr"),
    "valrng": ("item", "range", "key", "notes"),
    "invalrng": ("item", "range", "key", "notes"),
    "catgry": ("catValu", "labl", "txt", "catStat", "mrow"),
}
ONCE = {
    "titlStmt",
    "titl",
    "rspStmt",
    "prodStmt",
    "distStmt",
    "fileCont",
    "dimensns",
    "varFormat",
    "catValu",
    "varQnty",
}
ATTRIBUTES: dict[str, set[str]] = {
    "codeBook": {"version", LOCATION},
    "keyword": {"vocab", "vocabURI"},
    "collDate": {"date", "event", "cycle"},
    "universe": {"level", "clusion"},
    "var": {"name", "files", "dcml", "intrvl", "measUnit", "nature", "representationType"},
    "item": {"UNITS", "VALUE"},
    "range": {"UNITS", "min", "minExclusive", "max", "maxExclusive"},
    "catgry": {"missing", "missType"},
    "concept": {"vocab", "vocabURI"},
    "varFormat": {"type", "formatname", "schema", "category"},
    "notes": {"type", "subject", "level", "resp"},
}
VALUES: dict[tuple[str, str], set[str]] = {
    ("collDate", "event"): {"start", "end", "single"},
    ("universe", "clusion"): {"I", "E"},
    ("var", "intrvl"): {"contin", "discrete"},
    ("var", "nature"): {"nominal", "ordinal", "interval", "ratio", "percent", "other"},
    ("var", "representationType"): {"text", "numeric", "code", "datetime", "other"},
    ("catgry", "missing"): {"Y", "N"},
    ("varFormat", "type"): {"character", "numeric"},
    ("varFormat", "category"): {"date", "time", "currency", "other"},
    ("range", "UNITS"): {"INT", "REAL"},
}


def check_codebook(root: ET.Element) -> None:
    """Assert that every element stands where the schema allows it, with attributes and values that it knows."""
    assert root.tag == f"{SPACE}codeBook"
    assert root.get("version") == "2.5"
    for element in root.iter():
        check_element(element)
    identities = [element.get("ID") for element in root.iter() if element.get("ID")]
    assert len(identities) == len(set(identities))
    assert all(re.fullmatch(r"[A-Za-z_][\w.-]*", str(each)) for each in identities)
    files = {element.get("ID") for element in root.iter(f"{SPACE}fileDscr")}
    for variable in root.iter(f"{SPACE}var"):
        assert variable.get("name")
        assert set(variable.get("files", "").split()) <= files
    assert root.find(f"{SPACE}stdyDscr/{SPACE}citation/{SPACE}titlStmt/{SPACE}titl") is not None


def check_element(element: ET.Element) -> None:
    """One element: its children, in order, and its attributes."""
    assert element.tag.startswith(SPACE), element.tag
    tag = element.tag.removeprefix(SPACE)
    inside = [child.tag.removeprefix(SPACE) for child in element]
    allowed = CHILDREN.get(tag, ())
    assert set(inside) <= set(allowed), (tag, inside)
    assert inside == sorted(inside, key=allowed.index), (tag, inside)
    assert all(inside.count(name) <= 1 for name in ONCE), (tag, inside)
    assert not inside or not (element.text or "").strip(), tag
    if tag in ("valrng", "invalrng", "subject"):
        assert inside
    known = ATTRIBUTES.get(tag, set()) | {"ID", LANG, "source"}
    for name, value in element.items():
        assert name in known, (tag, name)
        assert value in VALUES.get((tag, name), {value}), (tag, name, value)
