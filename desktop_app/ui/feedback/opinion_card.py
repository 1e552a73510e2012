"""One opinion on the page of ratings: what was said about which answer, and changing or withdrawing it there."""

from __future__ import annotations

from PySide6.QtCore import QDateTime, QLocale, QSize, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from desktop_app.domain.feedback import AnyOpinion, Pick, Rating
from desktop_app.ui.chat.flow_layout import FlowLayout
from desktop_app.ui.chat.shown_text import shown
from desktop_app.ui.feedback.better_editor import BetterEditor
from desktop_app.ui.feedback.diff_view import DiffView
from desktop_app.ui.feedback.panel import RatingPanel
from desktop_app.ui.feedback.words import offered_reasons, opinion_title
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import button, icon_button, label

TEXT_CHARACTERS = 280


class OpinionCard(QFrame):
    """`changed(dict)`: what to say instead, as for `FeedbackService.rate`. `withdrawn()`: take it back."""

    changed = Signal(object)
    withdrawn = Signal()

    def __init__(self, opinion: AnyOpinion, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.opinion = opinion
        self._theme = theme
        self._below: QWidget | None = None
        self.setProperty("kind", "card")
        self.setAccessibleName(f"{opinion_title(opinion)}: {shown(opinion.question, limit=80)}")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(*(theme.space(n) for n in (4, 3, 4, 3)))
        self._column.setSpacing(theme.space(1))
        self._build()

    def _build(self) -> None:
        opinion = self.opinion
        head = QHBoxLayout()
        head.addWidget(label(shown(opinion_title(opinion), limit=200), "strong", wrap=True), 1)
        head.addWidget(label(self._when(), "muted"))
        self._column.addLayout(head)
        self._column.addWidget(self._text(opinion.question, "small"))
        self._column.addWidget(self._text(opinion.answer, "muted"))
        if isinstance(opinion, Pick):
            self._column.addWidget(self._text(self.tr("Rather than: {text}").format(text=opinion.worse), "muted"))
        if isinstance(opinion, Rating) and opinion.comment:
            comment = self.tr("Your comment: {text}").format(text=opinion.comment)
            self._column.addWidget(self._text(comment, "small"))
        if isinstance(opinion, Rating) and opinion.better:
            self._column.addWidget(DiffView(opinion.answer, opinion.better, self._theme, self))
        self._column.addLayout(self._build_deeds())

    def _build_deeds(self) -> FlowLayout:
        """An imported opinion is about an answer that is not here: it can only be withdrawn."""
        row = FlowLayout(spacing=self._theme.space(1))
        if isinstance(self.opinion, Rating) and not self.opinion.imported:
            for title, icon, liked in (
                (self.tr("Good answer"), "thumbs-up", True),
                (self.tr("Not a good answer"), "thumbs-down", False),
            ):
                row.addWidget(self._thumb(title, icon, liked))
            row.addWidget(button(self.tr("Change"), "ghost", self._toggle_panel, parent=self))
        row.addWidget(button(self.tr("Withdraw"), "ghost", self.withdrawn.emit, parent=self))
        return row

    def _thumb(self, title: str, icon: str, liked: bool) -> QToolButton:
        chosen = isinstance(self.opinion, Rating) and self.opinion.liked is liked
        made = icon_button(
            self.tr("{title} (chosen)").format(title=title) if chosen else title,
            f"{icon}-fill" if chosen else icon,
            self._theme,
            lambda: self.changed.emit({"liked": liked}),
            parent=self,
        )
        side = self._theme.icon_size(4.5)
        made.setIconSize(QSize(side, side))
        return made

    def _toggle_panel(self) -> None:
        rating = self.opinion
        if self._below is not None:
            self._show_below(None)
        elif isinstance(rating, Rating):
            offered = offered_reasons(picture=bool(rating.provenance.seen_by), spoken=True)
            panel = RatingPanel(offered, rating, self._theme, self)
            panel.reasons_changed.connect(lambda reasons: self.changed.emit({"reasons": reasons}))
            panel.comment_changed.connect(lambda text: self.changed.emit({"comment": text}))
            panel.better_wanted.connect(lambda: self._edit(rating))
            panel.withdraw_wanted.connect(self.withdrawn)
            panel.closed.connect(lambda: self._show_below(None))
            self._show_below(panel)

    def _edit(self, rating: Rating) -> None:
        editor = BetterEditor(rating.better or rating.answer, self._theme, self)
        editor.done.connect(lambda text: self.changed.emit({"better": text}))
        editor.left.connect(lambda: self._show_below(None))
        self._show_below(editor)
        editor.begin()

    def _show_below(self, widget: QWidget | None) -> None:
        if self._below is not None:
            self._below.hide()
            self._below.deleteLater()
        self._below = widget
        if widget is not None:
            self._column.addWidget(widget)

    def _text(self, text: str, kind: str) -> QLabel:
        return label(shown(text, limit=TEXT_CHARACTERS), kind, wrap=True, parent=self)

    def _when(self) -> str:
        moment = QDateTime.fromSecsSinceEpoch(int(self.opinion.created_at))
        when = QLocale().toString(moment.date(), QLocale.FormatType.ShortFormat)
        return self.tr("{day}, imported").format(day=when) if self.opinion.imported else when
