"""The list of everything in a package as CycloneDX JSON: Python packages as installed, what wheels carry, models."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from desktop_app.services import licences
from release.places import BUILD, ROOT, VERSION, Stop, epoch

_TYPES = {
    "package": ComponentType.LIBRARY,
    "part": ComponentType.LIBRARY,
    "model": ComponentType.MACHINE_LEARNING_MODEL,
}


def write(target: Path = BUILD / f"stonechat-{VERSION}.cdx.json") -> Path:
    """The same bytes for the same installation. Raises Stop where what is installed is not what the lock says."""
    check_lock()
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(JsonV1Dot6(bill()).output_as_string(indent=1), encoding="utf-8")
    return target


def bill() -> Bom:
    made = Bom(serial_number=uuid5(NAMESPACE_URL, f"stonechat {VERSION} {epoch()}"))
    made.metadata.timestamp = datetime.fromtimestamp(epoch(), UTC)
    for number, each in enumerate(licences.collected()):
        component = _component(each, number)
        if each.name == licences.OURS:
            made.metadata.component = component
        else:
            made.components.add(component)
            if made.metadata.component is not None:
                made.register_dependency(made.metadata.component, [component])
    return made


def check_lock() -> None:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    pinned = {licences.key(name): version.split(";")[0].strip() for name, _, version in map(_parted, lines) if version}
    for each in licences.packages():
        if each.name == licences.OURS:
            continue
        wanted = pinned.get(licences.key(each.name))
        if wanted != each.version.split("+")[0]:
            raise Stop(f"{each.name} {each.version} is installed, and requirements.lock says {wanted}: run make setup.")


def _parted(line: str) -> tuple[str, str, str]:
    return line.partition("==")


def _component(each: licences.Component, number: int) -> Component:
    found = LicenseFactory().make_from_string(each.licence) if each.licence else None
    address = PackageURL("pypi", name=licences.key(each.name), version=each.version) if each.kind == "package" else None
    ours = each.name == licences.OURS
    return Component(
        name=each.name,
        version=each.version or None,
        type=ComponentType.APPLICATION if ours else _TYPES[each.kind],
        licenses=[found] if found else [],
        purl=None if ours else address,
        bom_ref=f"{each.kind}-{number}-{each.name}",
    )
