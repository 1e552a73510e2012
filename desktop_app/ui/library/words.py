"""What the page says of a model, in words for somebody who has never heard of quantization."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLocale

from desktop_app.domain.measurements import Measurement
from desktop_app.domain.model_forms import Size, loss_of
from desktop_app.ui.library.rows import Row

MEGABYTE = 1_000_000
WORDS_A_TOKEN = 0.75
"""English words of a token, about."""
MOST_LANGUAGES = 4


def tr(text: str) -> str:
    return QCoreApplication.translate("Library", text)


def size(bytes_: int) -> str:
    if bytes_ >= 1000 * MEGABYTE:
        return tr("%1 GB").replace("%1", f"{bytes_ / 1000 / MEGABYTE:.1f}")
    return tr("%1 MB").replace("%1", f"{bytes_ / MEGABYTE:,.0f}")


def exact_size(bytes_: int) -> str:
    return tr("%1 MB").replace("%1", f"{bytes_ / MEGABYTE:,.0f}")


def name_of(size_: Size | str) -> str:
    return {"small": tr("Small"), "balanced": tr("Balanced"), "large": tr("Large")}.get(size_, "")


def loss(form: str) -> str:
    """What a smaller form costs, as a sentence's part; "" where nobody can say."""
    words = {
        "none": tr("nothing noticeable is lost"),
        "hardly": tr("hardly anything is lost"),
        "little": tr("little is lost"),
        "some": tr("some answers suffer"),
        "much": tr("many answers suffer"),
    }
    return words.get(loss_of(form), "")


def speed(row: Row) -> str:
    """How quick it writes, measured or expected."""
    if row.measured:
        return tr("%1 words a second, measured here").replace("%1", _words(row.measured.answer_per_s))
    if row.fit.tokens_per_s:
        return tr("about %1 words a second").replace("%1", _words(row.fit.tokens_per_s))
    return ""


def _words(tokens_per_s: float) -> str:
    return f"{max(1, round(tokens_per_s * WORDS_A_TOKEN))}"


def languages(codes: tuple[str, ...]) -> str:
    if "multi" in codes:
        return tr("many languages")
    names = [QLocale.languageToString(QLocale(code).language()) for code in codes]
    shown = ", ".join(names[:MOST_LANGUAGES])
    return tr("%1 and more").replace("%1", shown) if len(names) > MOST_LANGUAGES else shown


def verdict(row: Row) -> str:
    return {"fits": tr("Fits"), "slow": tr("May be slow"), "wont_fit": tr("Won't fit")}[row.fit.verdict]


def facts(row: Row) -> str:
    """One line: what a person would like to know before anything else."""
    parts = [size(row.bytes), speed(row)]
    parts.append(loss(row.form) if row.series else "")
    parts.append(tr("sees pictures") if row.sees else "")
    parts.append(languages(row.languages) if row.languages else "")
    parts += [tr("added by you") if row.added else "", row.licence]
    return " · ".join(part for part in parts if part)


def marks(row: Row) -> list[str]:
    """What is special about it here."""
    found = [(row.in_use, tr("In use")), (row.recommended, tr("Recommended for this computer"))]
    return [text for applies, text in found if applies]


def arithmetic(row: Row) -> list[tuple[str, str]]:
    """The sum behind the verdict, line by line."""
    fit = row.fit
    lines = [
        (tr("The model itself"), fit.weights),
        (tr("Its eyes"), fit.projector),
        (tr("Memory of the conversation"), fit.cache),
        (tr("Program and buffers"), fit.overhead),
        (tr("Together"), fit.needed),
        (tr("Free on this computer now"), fit.free),
        (tr("Free on the graphics card"), fit.gpu_free),
    ]
    return [(name, exact_size(value)) for name, value in lines if value]


def contexts(row: Row) -> list[tuple[str, str]]:
    """How much of a conversation can be kept in mind, and what that takes."""
    line = tr("%1 words kept in mind")
    return [
        (line.replace("%1", f"{round(tokens * WORDS_A_TOKEN, -2):,.0f}"), exact_size(b)) for tokens, b in row.contexts
    ]


def measured(found: Measurement) -> list[tuple[str, str]]:
    per_s = tr("%1 words a second")
    return [
        (tr("Writes"), per_s.replace("%1", _words(found.answer_per_s))),
        (tr("Reads"), per_s.replace("%1", _words(found.prompt_per_s))),
        (tr("First word after"), tr("%1 s").replace("%1", f"{found.first_token_ms / 1000:.1f}")),
        (tr("Memory taken"), exact_size(found.memory_bytes)),
        (tr("Surprise at a fixed text (perplexity, lower is better)"), f"{found.perplexity:.1f}"),
    ]


def compared(row: Row) -> str:
    """What the smaller form that was made here cost; "" where it is not known."""
    if not (row.measured and row.original):
        return ""
    bytes_, before = row.original
    ratio = row.measured.perplexity / before.perplexity if before.perplexity else 1.0
    judged = (
        (1.02, tr("as good as the original on a fixed text")),
        (1.1, tr("a little worse than the original on a fixed text")),
        (1.3, tr("clearly worse than the original on a fixed text")),
    )
    said = next((words for most, words in judged if ratio <= most), tr("much worse than the original on a fixed text"))
    told = tr("%1 instead of %2; %3 instead of %4 words a second; %5.")
    values = (size(row.bytes), size(bytes_), _words(row.measured.answer_per_s), _words(before.answer_per_s), said)
    for place, value in enumerate(values, 1):
        told = told.replace(f"%{place}", value)
    return told


def how_it_is_known(row: Row) -> str:
    if row.added:
        return tr("You brought this file. What it says of itself has not been checked by anybody.")
    if row.pinned:
        return tr("Each file is compared with the sum that this application knows.")
    return tr(
        "The sum of this file is taken from the model hub at the first download, and must be the same ever after."
    )
