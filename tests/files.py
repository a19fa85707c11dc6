"""Files as people hand them in, and as they should not."""

import io
import zipfile

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def office(kind: str = WORD, main: str = "word/document.xml", more: dict[str, bytes] | None = None) -> bytes:
    """A zip that looks like an office file; `more` are further parts by name."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", f'<Types><Override PartName="/{main}" ContentType="{kind}"/></Types>')
        archive.writestr(main, "<x/>")
        for name, content in (more or {}).items():
            archive.writestr(name, content)
    return out.getvalue()


def docx(**more: bytes) -> bytes:
    return office(more=more)


def xlsx(**more: bytes) -> bytes:
    return office(EXCEL, "xl/workbook.xml", more)
