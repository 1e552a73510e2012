; The installer for Windows, made by Inno Setup 6 from what PyInstaller froze: see packaging/release/windows.py.
; For one person, without administrator's rights. Removing it leaves what people wrote. Not run on Windows yet.

[Setup]
AppId={{6B1B9A57-2E5D-4C52-9C41-57A0A1A7C0DE}
AppName=Stonechat
AppVersion={#Version}
AppPublisher=The Stonechat authors
DefaultDirName={autopf}\Stonechat
DefaultGroupName=Stonechat
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
LicenseFile={#Root}\LICENSE
OutputDir={#Output}
OutputBaseFilename=stonechat-{#Version}-windows-x86_64
Compression=lzma2
SolidCompression=yes
UninstallDisplayIcon={app}\stonechat.exe
CloseApplications=yes
ChangesAssociations=yes
#ifdef Sign
SignTool=stonechat
#endif

[Tasks]
Name: desktopicon; Description: "{cm:CreateDesktopIcon}"; Flags: unchecked

[Files]
Source: "{#Frozen}\*"; DestDir: "{app}"; Flags: recursesubdirs createallsubdirs ignoreversion

[Icons]
Name: "{group}\Stonechat"; Filename: "{app}\stonechat.exe"; Parameters: "run"
Name: "{autodesktop}\Stonechat"; Filename: "{app}\stonechat.exe"; Parameters: "run"; Tasks: desktopicon

[Registry]
; "Open with": pictures, sound and models go to the window that is open
Root: HKA; Subkey: "Software\Classes\Applications\stonechat.exe\shell\open\command"; ValueType: string; ValueData: """{app}\stonechat.exe"" run ""%1"""; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\Applications\stonechat.exe\SupportedTypes"; ValueType: string; ValueName: ".png"
Root: HKA; Subkey: "Software\Classes\Applications\stonechat.exe\SupportedTypes"; ValueType: string; ValueName: ".jpg"
Root: HKA; Subkey: "Software\Classes\Applications\stonechat.exe\SupportedTypes"; ValueType: string; ValueName: ".wav"
Root: HKA; Subkey: "Software\Classes\Applications\stonechat.exe\SupportedTypes"; ValueType: string; ValueName: ".gguf"
; the start at login that a person may have switched on in the settings
Root: HKCU; Subkey: "Software\Microsoft\Windows\CurrentVersion\Run"; ValueType: none; ValueName: "Stonechat"; Flags: dontcreatekey uninsdeletevalue

[Run]
Filename: "{app}\stonechat.exe"; Parameters: "run"; Description: "{cm:LaunchProgram,Stonechat}"; Flags: nowait postinstall skipifsilent
