"""What can be said about one answer beside the thumb: reasons, one's own words, a comment, a better answer."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from desktop_app.domain.feedback import Rating, Reason, ReasonKind
from desktop_app.ui.chat.flow_layout import FlowLayout
from desktop_app.ui.feedback.words import reason_title
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import button, icon_button, label

MOST_CHARACTERS = 500


class RatingPanel(QFrame):
    """`reasons_changed(tuple of Reason)`, `comment_changed(text)`: keep it. `better_wanted`, `withdraw_wanted`,
    `closed`: the person wants that.
    """

    reasons_changed = Signal(object)
    comment_changed = Signal(str)
    better_wanted = Signal()
    withdraw_wanted = Signal()
    closed = Signal()

    def __init__(
        self, offered: tuple[ReasonKind, ...], rating: Rating | None, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._kinds = offered
        self._showing = False
        self.setProperty("kind", "facts")
        self.setAccessibleName(self.tr("What was this answer like?"))
        self.chips = {kind: self._chip(kind) for kind in offered}
        self.own = self._field(self.tr("Another reason, in your words"))
        self.comment = self._field(self.tr("A comment, for yourself"))
        self.own.editingFinished.connect(self._say_reasons)
        self.comment.editingFinished.connect(self._say_comment)
        self.withdraw = button(self.tr("Withdraw"), "ghost", self.withdraw_wanted.emit, parent=self)
        self._build()
        self.show_rating(rating)

    def show_rating(self, rating: Rating | None) -> None:
        """What is kept now. What is being written stays."""
        self._showing = True
        chosen = {reason.kind for reason in rating.reasons} if rating else set()
        for kind, chip in self.chips.items():
            chip.setChecked(kind in chosen)
        own = next((reason.words for reason in rating.reasons if reason.kind == "custom"), "") if rating else ""
        self._own, self._comment = own, rating.comment if rating else ""
        for field, text in ((self.own, own), (self.comment, self._comment)):
            if not field.hasFocus():
                field.setText(text)
        self.withdraw.setVisible(rating is not None)
        self._showing = False

    def _build(self) -> None:
        theme = self._theme
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.space(3),) * 4)
        column.setSpacing(theme.space(2))
        head = QHBoxLayout()
        head.addWidget(label(self.tr("What was it like?"), "strong"), 1)
        head.addWidget(icon_button(self.tr("Close"), "x", theme, self.closed.emit, parent=self))
        column.addLayout(head)
        flow = FlowLayout(spacing=theme.space(1))
        for chip in self.chips.values():
            flow.addWidget(chip)
        column.addLayout(flow)
        column.addWidget(self.own)
        column.addWidget(self.comment)
        low = FlowLayout(spacing=theme.space(2))
        low.addWidget(button(self.tr("Write the better answer"), "secondary", self.better_wanted.emit, parent=self))
        low.addWidget(self.withdraw)
        column.addLayout(low)

    def _chip(self, kind: ReasonKind) -> QPushButton:
        chip = QPushButton(reason_title(kind), self)
        chip.setProperty("kind", "reason")
        chip.setCheckable(True)
        chip.toggled.connect(self._say_reasons)
        return chip

    def _field(self, title: str) -> QLineEdit:
        field = QLineEdit(self)
        field.setPlaceholderText(title)
        field.setAccessibleName(title)
        field.setMaxLength(MOST_CHARACTERS)
        return field

    def _say_reasons(self) -> None:
        chosen = [Reason(kind=kind) for kind, chip in self.chips.items() if chip.isChecked()]
        own = " ".join(self.own.text().split())
        if self._showing or (self.sender() is self.own and own == self._own):
            return
        self._own = own
        self.reasons_changed.emit((*chosen, Reason(kind="custom", words=own)) if own else tuple(chosen))

    def _say_comment(self) -> None:
        if self.comment.text() != self._comment:
            self._comment = self.comment.text()
            self.comment_changed.emit(self._comment)
