"""The icons, as what lies within an <svg> of 24 x 24: lines of one width, own drawings.

Strokes have the ink's colour and are 1.75 wide with round ends; `F` marks what is filled instead.
Coordinates end on .0 or .5 and keep 3 from the edge, so that all icons look equally large.
"""

F = 'fill="currentColor" stroke="none"'

_FRAME = '<rect x="3" y="5" width="18" height="14" rx="1.5"/>'

ICON_PATHS = {
    # Files
    "open": '<path d="M3 18.5V6.5A1.5 1.5 0 0 1 4.5 5H9l2.5 2.5h7A1.5 1.5 0 0 1 20 9v1.5"/>'
    '<path d="M3.2 19 5.8 11.6A1.5 1.5 0 0 1 7.2 10.5H21L18.4 18a1.5 1.5 0 0 1-1.4 1H3.5"/>',
    "folder": '<path d="M3 18V6.5A1.5 1.5 0 0 1 4.5 5H9l2.5 2.5h8A1.5 1.5 0 0 1 21 9v9'
    'a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 18Z"/>',
    "export": '<path d="M12 15V3.5M7.5 8 12 3.5 16.5 8"/>'
    '<path d="M4 14v4.5A1.5 1.5 0 0 0 5.5 20h13a1.5 1.5 0 0 0 1.5-1.5V14"/>',
    "download": '<path d="M12 3.5V15M7.5 10.5 12 15l4.5-4.5"/>'
    '<path d="M4 14v4.5A1.5 1.5 0 0 0 5.5 20h13a1.5 1.5 0 0 0 1.5-1.5V14"/>',
    "paste": '<rect x="5" y="5" width="14" height="16" rx="1.5"/>'
    '<path d="M9 5.5v-1A1.5 1.5 0 0 1 10.5 3h3A1.5 1.5 0 0 1 15 4.5v1A1.5 1.5 0 0 1 13.5 7h-3'
    'A1.5 1.5 0 0 1 9 5.5Z"/>',
    "copy": '<rect x="8.5" y="8.5" width="12" height="12" rx="1.5"/>'
    '<path d="M15.5 8V5'
    'A1.5 1.5 0 0 0 14 3.5H5A1.5 1.5 0 0 0 3.5 5v9A1.5 1.5 0 0 0 5 15.5h3"/>',
    "trash": '<path d="M4 6.5h16M9 6.5V4.5A1 1 0 0 1 10 3.5h4a1 1 0 0 1 1 1v2"/>'
    '<path d="M6 6.5 7 19a1.5 1.5 0 0 0 1.5 1.5h7A1.5 1.5 0 0 0 17 19l1-12.5M10 10.5v6M14'
    ' 10.5v6"/>',
    "image": f'{_FRAME}<circle cx="8" cy="9.5" r="1.5"/>'
    '<path d="M3.5 17.5 9 13l3.5 3 4-4.5 4.5 5"/>',
    "recent": '<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5l3.5 2"/>',
    # Comparing
    "single": _FRAME,
    "side": f'{_FRAME}<path d="M12 5v14"/>',
    "wipe": f'{_FRAME}<path d="M12 2.5v19"/><path {F} d="M12 5h7.5A1.5 1.5 0 0 1 21 6.5v11'
    'a1.5 1.5 0 0 1-1.5 1.5H12Z"/>',
    "blink": '<rect x="3" y="3.5" width="13" height="11" rx="1.5"/>'
    '<path d="M19 9.5h.5A1.5 1.5 0 0 1 21 11v8a1.5 1.5 0 0 1-1.5 1.5h-10A1.5 1.5 0 0 1 8 19v-1"/>',
    "difference": '<circle cx="9" cy="12" r="6"/><circle cx="15" cy="12" r="6"/>',
    "swap": '<path d="M4 8.5h15M15 4.5l4 4-4 4M20 15.5H5M9 11.5l-4 4 4 4"/>',
    "eye": '<path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12Z"/>'
    '<circle cx="12" cy="12" r="3"/>',
    # Seeing
    "fit": '<path d="M3.5 8.5v-4a1 1 0 0 1 1-1h4M15.5 3.5h4a1 1 0 0 1 1 1v4'
    'M20.5 15.5v4a1 1 0 0 1-1 1h-4M8.5 20.5h-4a1 1 0 0 1-1-1v-4"/>',
    "zoom-in": '<circle cx="10.5" cy="10.5" r="7"/>'
    '<path d="m15.5 15.5 5 5M10.5 7.5v6M7.5 10.5h6"/>',
    "zoom-out": '<circle cx="10.5" cy="10.5" r="7"/><path d="m15.5 15.5 5 5M7.5 10.5h6"/>',
    "crop": '<path d="M6.5 2.5v15h15M2.5 6.5h15v15"/>',
    "reset": '<path d="M4 4.5v5h5"/><path d="M4.5 9.5A8.5 8.5 0 1 1 3.5 14"/>',
    "undo": '<path d="M8.5 4.5 4 9l4.5 4.5M4.5 9h10a5.5 5.5 0 0 1 0 11H11"/>',
    "redo": '<path d="m15.5 4.5 4.5 4.5-4.5 4.5M19.5 9h-10a5.5 5.5 0 0 0 0 11H13"/>',
    # Tools
    "settings": '<path d="M3 7h9.5M17.5 7H21M3 17h3.5M11.5 17H21"/>'
    '<circle cx="15" cy="7" r="2.5"/>'
    '<circle cx="9" cy="17" r="2.5"/>',
    "models": '<path d="m12 3 9 4.5-9 4.5-9-4.5Z"/>'
    '<path d="m3 12 9 4.5 9-4.5M3 16.5 12 21l9-4.5"/>',
    "batch": '<rect x="3" y="9" width="18" height="11.5" rx="1.5"/><path d="M5.5 6h13M8 3h8"/>',
    "trainer": '<path d="M3.5 3.5v15.5a1.5 1.5 0 0 0 1.5 1.5h15.5"/>'
    '<path d="M7 8c1 6 4.5 8 13.5 8.5"/>',
    "spark": '<path d="M12 3c.8 5.4 3.6 8.2 9 9'
    '-5.4.8-8.2 3.6-9 9-.8-5.4-3.6-8.2-9-9 5.4-.8 8.2-3.6 9-9Z"/>',
    "play": f'<path {F} d="M7 4.5v15a.7.7 0 0 0 1 .6'
    'l12-7.5a.7.7 0 0 0 0-1.2l-12-7.5a.7.7 0 0 0-1 .6Z"/>',
    "pause": f'<rect {F} x="6" y="4.5" width="4" height="15" rx="1"/>'
    f'<rect {F} x="14" y="4.5" width="4" height="15" rx="1"/>',
    "stop": f'<rect {F} x="5.5" y="5.5" width="13" height="13" rx="1.5"/>',
    "more": f'<circle {F} cx="5.5" cy="12" r="1.7"/><circle {F} cx="12" cy="12" r="1.7"/>'
    f'<circle {F} cx="18.5" cy="12" r="1.7"/>',
    # Signs
    "close": '<path d="m5.5 5.5 13 13M18.5 5.5l-13 13"/>',
    "float": '<path d="M9 4.5H5.5a1 1 0 0 0-1 1v13a1 1 0 0 0 1 1h13a1 1 0 0 0 1-1V15'
    'M13.5 4.5h6v6M19 5l-8 8"/>',
    "add": '<path d="M12 4v16M4 12h16"/>',
    "minus": '<path d="M4 12h16"/>',
    "check": '<path d="m4.5 12.5 5 5 10-11"/>',
    "done": '<circle cx="12" cy="12" r="8.5"/><path d="m8 12.5 3 3 5.5-6.5"/>',
    "failed": '<circle cx="12" cy="12" r="8.5"/><path d="M12 7v6M12 16.5v.1"/>',
    "waiting": '<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5l3.5 2"/>',
    "warning": '<path d="M12 3.5 21.5 20h-19ZM12 9.5v5M12 17.2v.1"/>',
    "info": '<circle cx="12" cy="12" r="8.5"/><path d="M12 11v6M12 7.5v.1"/>',
    "left": '<path d="m15 5-7 7 7 7"/>',
    "right": '<path d="m9 5 7 7-7 7"/>',
    "up": '<path d="m5 15 7-7 7 7"/>',
    "down": '<path d="m5 9 7 7 7-7"/>',
}
