"""A Debian in a folder with nothing in it: made by debootstrap once, unpacked anew for every run, entered by chroot."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from types import TracebackType

from release.places import Stop

PERSON = "robin"
_MOUNTS = ("proc", "sys", "dev", "tmp/.X11-unix")
_FETCHED = "var/cache/apt/archives"
_QUIET = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}


class CleanSystem:
    """`with CleanSystem(folder) as system`: unpacked and mounted, and unmounted whatever happens."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self._tar = folder / "root.tar"
        self._fetched = folder / "fetched"

    def __enter__(self) -> CleanSystem:
        self._unmount()
        shutil.rmtree(self.root, ignore_errors=True)
        if not self._tar.is_file():
            self._make()
        self.root.mkdir()
        subprocess.run(["tar", "-C", str(self.root), "-xf", str(self._tar)], check=True)
        for place in _MOUNTS:
            Path("/", place).mkdir(exist_ok=True)
            (self.root / place).mkdir(exist_ok=True)
            subprocess.run(["mount", "--rbind", f"/{place}", str(self.root / place)], check=True)
            subprocess.run(["mount", "--make-rslave", str(self.root / place)], check=True)
        self._fetched.mkdir(exist_ok=True)
        subprocess.run(["mount", "--bind", str(self._fetched), str(self.root / _FETCHED)], check=True)
        shutil.copy("/etc/resolv.conf", self.root / "etc" / "resolv.conf")
        shutil.copy("/etc/hosts", self.root / "etc" / "hosts")
        self.run(["useradd", "--create-home", "--shell", "/bin/sh", PERSON])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._unmount()

    @property
    def home(self) -> Path:
        """The person's home, seen from outside."""
        return self.root / "home" / PERSON

    def run(self, command: list[str], *, limit_s: float = 600, **extra: str) -> subprocess.CompletedProcess[str]:
        """As root, in the clean system."""
        return self._run(["chroot", str(self.root), *command], limit_s, extra)

    def person(
        self, command: list[str], *, limit_s: float = 600, network: bool = False, **extra: str
    ) -> subprocess.CompletedProcess[str]:
        """As a person without rights, in their home; without network unless told otherwise."""
        return self._run([*([] if network else ["unshare", "--net"]), *self.as_person(command, extra)], limit_s, {})

    def as_person(self, command: list[str], extra: dict[str, str]) -> list[str]:
        """The command line that runs the command as the person."""
        settings = [f"{name}={value}" for name, value in {**_QUIET, "HOME": f"/home/{PERSON}", **extra}.items()]
        number = str(self.home.stat().st_uid)
        who = [f"--userspec={number}:{number}", str(self.root)]
        return ["chroot", *who, "env", "-i", "-C", f"/home/{PERSON}", *settings, *command]

    def _run(self, command: list[str], limit_s: float, extra: dict[str, str]) -> subprocess.CompletedProcess[str]:
        settings = {**_QUIET, **extra}
        return subprocess.run(
            command, env=settings, capture_output=True, text=True, errors="replace", timeout=limit_s, check=False
        )

    def _make(self) -> None:
        """Raises Stop."""
        print("Making a clean Debian, once", flush=True)
        asked = ["apt-get", "indextargets", "--format", "$(SITE) $(CODENAME)", "Created-By: Packages"]
        site, suite = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.splitlines()[0].split()
        made = ["debootstrap", "--variant=minbase", suite, str(self.root), site]
        if subprocess.run(made, stdout=subprocess.DEVNULL, check=False).returncode:
            raise Stop("debootstrap could not make a clean Debian.")
        part = self._tar.with_suffix(".part")
        subprocess.run(["tar", "-C", str(self.root), "-cf", str(part), "."], check=True)
        part.replace(self._tar)
        shutil.rmtree(self.root)

    def _unmount(self) -> None:
        """Deepest first; nothing of this machine may be below the folder when it is deleted. Raises Stop."""
        for place in (*_MOUNTS, _FETCHED):
            subprocess.run(
                ["umount", "--recursive", "--lazy", str(self.root / place)], capture_output=True, check=False
            )
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
        if any(Path(line.split()[4]).is_relative_to(self.root) for line in mounts):
            raise Stop(f"{self.root} has mounts that could not be taken off.")
