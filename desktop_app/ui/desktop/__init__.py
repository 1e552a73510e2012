"""What Stonechat is to the rest of the desktop: an icon in the tray, a key, a start at login."""
