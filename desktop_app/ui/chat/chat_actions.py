"""What the chat can do, as actions: for menus, shortcuts, the palette and the shortcut page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from desktop_app.ui.actions import Action, ActionRegistry
from desktop_app.ui.chat.screenshot import can_take_screenshot

if TYPE_CHECKING:
    from desktop_app.ui.chat.view import ChatView


def register(registry: ActionRegistry, view: ChatView) -> None:
    for action in (*_composing(view), *_conversing(view), *_rating(view), *_speaking(view)):
        registry.add(action)


def _composing(view: ChatView) -> tuple[Action, ...]:
    group, composing = _tr("Write"), view.composing
    # fmt: off
    return (
        Action(id="chat.write", title=_tr("Write a message"), icon="pencil-simple", shortcut="Ctrl+L", group=group,
            run=view.write),
        Action(id="chat.attach", title=_tr("Add picture files…"), icon="image", shortcut="Ctrl+O", group=group,
            run=composing.choose_files),
        Action(id="chat.paste_picture", title=_tr("Paste a picture"), icon="clipboard-text", shortcut="Ctrl+Shift+V",
            group=group, run=composing.paste_picture),
        Action(id="chat.screenshot", title=_tr("Take a screenshot"), icon="monitor", shortcut="Ctrl+Shift+S",
            group=group, run=composing.take_screenshot, enabled=can_take_screenshot),
        Action(id="chat.edit_last", title=_tr("Edit the last question"), icon="pencil-simple", shortcut="Ctrl+E",
            group=group, run=view.conversation.edit_last, enabled=view.has_messages),
    )
    # fmt: on


def _conversing(view: ChatView) -> tuple[Action, ...]:
    group, conversation = _tr("Conversation"), view.conversation
    # fmt: off
    return (
        Action(id="chat.stop", title=_tr("Stop"), icon="stop-circle", shortcut="Esc", group=group, run=view.stop,
            enabled=view.can_stop),
        Action(id="chat.messages", title=_tr("Go to the messages"), icon="chats", shortcut="F6", group=group,
            run=view.focus_messages, enabled=view.has_messages),
        Action(id="chat.latest", title=_tr("Jump to latest"), icon="arrow-down", shortcut="Ctrl+Shift+End", group=group,
            run=conversation.jump_to_latest, enabled=view.has_messages),
        Action(id="chat.copy", title=_tr("Copy the answer"), icon="copy", shortcut="Ctrl+Shift+C", group=group,
            run=lambda: conversation.deed("copy"), enabled=view.has_answer),
        Action(id="chat.regenerate", title=_tr("Answer again"), icon="arrows-clockwise", shortcut="Ctrl+R", group=group,
            run=lambda: conversation.deed("regenerate"), enabled=view.has_answer),
        Action(id="chat.why", title=_tr("Why this answer"), icon="info", shortcut="Ctrl+I", group=group,
            run=lambda: conversation.deed("why"), enabled=view.has_answer),
        Action(id="chat.previous_version", title=_tr("Previous version of the answer"), icon="caret-left",
            shortcut="Alt+Left", group=group, run=lambda: conversation.deed("flip_back"), enabled=view.has_answer),
        Action(id="chat.next_version", title=_tr("Next version of the answer"), icon="caret-right",
            shortcut="Alt+Right", group=group, run=lambda: conversation.deed("flip_on"), enabled=view.has_answer),
    )
    # fmt: on


def _rating(view: ChatView) -> tuple[Action, ...]:
    group, conversation = _tr("Rate"), view.conversation
    # fmt: off
    return (
        Action(id="feedback.good", title=_tr("This answer is good"), icon="thumbs-up", shortcut="Ctrl+Shift+G",
            group=group, run=lambda: conversation.deed("good"), enabled=view.has_answer),
        Action(id="feedback.bad", title=_tr("This answer is not good"), icon="thumbs-down", shortcut="Ctrl+Shift+B",
            group=group, run=lambda: conversation.deed("bad"), enabled=view.has_answer),
        Action(id="feedback.better", title=_tr("Write the better answer"), icon="pencil-line", shortcut="Ctrl+Shift+E",
            group=group, run=lambda: conversation.deed("better"), enabled=view.has_answer),
        Action(id="feedback.undo", title=_tr("Take the last rating back"), icon="arrow-u-up-left",
            shortcut="Ctrl+Shift+Z", group=group, run=view.ratings.undo,
            enabled=lambda: view.ratings.last is not None),
    )
    # fmt: on


def _speaking(view: ChatView) -> tuple[Action, ...]:
    group = _tr("Voice")
    # fmt: off
    return (
        Action(id="voice.talk", title=_tr("Speak"), icon="microphone", shortcut="Ctrl+M", group=group,
            run=view.composing.toggle_talk, enabled=lambda: not view.hands_free.active),
        Action(id="voice.hands_free", title=_tr("Talk hands-free"), icon="chats-teardrop", shortcut="Ctrl+Shift+M",
            group=group, run=view.hands_free.toggle),
        Action(id="voice.mute", title=_tr("Close or open the microphone"), icon="microphone-slash", group=group,
            run=view.hands_free.toggle_mute, enabled=lambda: view.hands_free.active),
        Action(id="voice.hush", title=_tr("Silence the spoken answer"), icon="speaker-slash", group=group,
            run=view.hands_free.hush, enabled=lambda: view.hands_free.can_hush),
        Action(id="voice.read", title=_tr("Read the answer aloud"), icon="speaker-high", shortcut="Ctrl+Shift+R",
            group=group, run=lambda: view.conversation.deed("read"), enabled=view.has_answer),
    )
    # fmt: on


def _tr(text: str) -> str:
    return QCoreApplication.translate("ChatActions", text)
