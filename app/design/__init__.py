"""How the app looks: one place for colours, sizes, icons and the parts that widgets are made of.

1. `tokens`: the two themes and the grid. All distances are multiples of GRID: S between things
   that belong together, M between groups and at edges, L between sections. Colours only from a
   Theme.
2. `theme.dress(app, choice)` at start and when the setting changes; `theme.current()` anywhere.
3. `icons.icon("export")`: own line icons, drawn at the asked size in the palette's ink; add one
   as a line of `icon_paths.py`. No text stands for an icon: no "x" and no arrows from a font.
4. `parts`: `section_header`, `Card`, `ChoiceCard`, `primary_button`, `tool_button`,
   `SegmentedControl`, `quiet_label`. One primary (filled) button a window: what most came for.
5. `fields`: `ChoiceBox`, `CountBox`, `NumberField`, `EyeSlider`, `LargeSlider` for lists, numbers
   and what is set by eye. The wheel changes none unnoticed. Never a bare QComboBox or QSpinBox.
6. `sheet` dresses Qt's own widgets; a widget asks for a variant by `set_part(widget, "name")` and
   has no style sheet of its own. The picture's surroundings are CANVAS in both themes.
7. Numbers by the locale: `app.widgets.quantities`; the sign of multiplication is ×, never x.
"""
