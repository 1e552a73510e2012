"""The only place that opens an address from an answer, and only after the person has read it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QLabel, QMessageBox, QWidget

from desktop_app.ui.chat.shown_text import shown

_SCHEMES = ("https", "http", "mailto")


def allowed(address: str) -> QUrl | None:
    """The address when it is one that may be opened: web or mail, nothing of this machine."""
    url = QUrl(address, QUrl.ParsingMode.StrictMode)
    if not url.isValid() or url.scheme().lower() not in _SCHEMES:
        return None
    if url.scheme().lower() != "mailto" and not url.host():
        return None
    return url


def full_address(url: QUrl) -> str:
    """The whole address as it will be opened: foreign letters in the host as punycode, nothing decoded."""
    return shown(url.toString(QUrl.ComponentFormattingOption.FullyEncoded))


def link_dialog(url: QUrl, parent: QWidget) -> QMessageBox:
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setWindowTitle(_tr("Open a link?"))
    box.setText(_tr("The assistant wrote this link. It opens outside Stonechat:"))
    box.setInformativeText(full_address(url))
    open_ = box.addButton(_tr("Open"), QMessageBox.ButtonRole.AcceptRole)
    cancel = box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(cancel)
    box.setEscapeButton(cancel)
    open_.clicked.connect(lambda: QDesktopServices.openUrl(url))
    for words in box.findChildren(QLabel):
        words.setTextFormat(Qt.TextFormat.PlainText)
    return box


def ask_to_open(address: str, parent: QWidget) -> QMessageBox | None:
    """Show the dialog; None when the address may not be opened at all."""
    url = allowed(address)
    if url is None:
        return None
    box = link_dialog(url, parent)
    box.open()
    return box


def _tr(text: str) -> str:
    return QCoreApplication.translate("Links", text)
