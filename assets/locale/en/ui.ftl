# What people read inside the window and the headset.

ui-font-unreadable = The font { $file } cannot be read: { $reason }.
ui-fonts-missing = No font is installed. Install these Python packages: { $packages }.

ui-menu-help = Help
ui-menu-map = Map
ui-menu-messages = Messages
ui-menu-language = Language
ui-menu-settings = Settings
ui-menu-quit = Quit

ui-help-title = Keys
ui-key-mouse = Mouse
ui-key-left-button = Left button
ui-help-walk = Walk
ui-help-look = Look around
ui-help-run = Hold to go faster
ui-help-teleport = Jump to the spot you look at
ui-help-fly = Fly, or walk again
ui-help-up-down = Up and down while flying
ui-help-use = Use what is in front of you
ui-help-laser = Point with the laser; others see it
ui-help-note = Leave a note where you point
ui-help-message = Write to the others
ui-help-picture = Save a picture
ui-help-map = Plan map: click to jump there
ui-help-language = Next language
ui-help-settings = Settings
ui-help-viewpoint = Next viewpoint
ui-help-drill = Start the drill
ui-help-choose = Answer the drill's question
ui-help-help = Show or hide this help
ui-help-escape = Release the mouse, close a panel
ui-help-note-simulated = Values with the tag SIMULATED are invented, not measured.

ui-settings-title = Settings
ui-settings-language = Language
ui-settings-turn = Turning in a headset
ui-settings-turn-snap = In steps
ui-settings-turn-smooth = Smooth
ui-settings-quality = Picture quality
ui-settings-quality-low = Low
ui-settings-quality-medium = Medium
ui-settings-quality-high = High
ui-settings-sensitivity = Mouse sensitivity
ui-settings-fly-speed = Flying speed

ui-messages-none = No messages yet.
ui-messages-hint = Write a message, then press Enter

ui-role-observer = Observer
ui-role-visitor = Visitor
ui-role-trainee = Trainee
ui-role-engineer = Engineer
ui-role-instructor = Instructor
ui-role-admin = Administrator
ui-member-away = no signal

ui-simulated = SIMULATED
ui-quality-uncertain = uncertain
ui-quality-bad = faulty
ui-state-normal = Normal
ui-state-warning = Warning
ui-state-alarm = Alarm
ui-state-stale = No fresh values

ui-drill-step = Step { $step } of { $steps }
ui-drill-score = { $score } points
ui-drill-score-of = { $score } of { $max } points
ui-drill-passed = Passed
ui-drill-failed = Not passed
ui-drill-aborted = Stopped early
ui-drill-start = Press G to start the drill.
ui-drill-wait = Go on; the drill watches.
ui-drill-paused = The drill is paused.
ui-drill-over = The drill is over.
ui-drill-type-number = Type a number, then press Enter

ui-notice-connecting = Connecting to { $address } …
ui-notice-reconnecting = The connection was lost. Reconnecting; your marks are kept.
ui-notice-connected = Connected. The room has { $members } members.
ui-notice-fictional = A fictional mine with simulated values.
ui-notice-joined = { $name } has joined.
ui-notice-left = { $name } has left.
ui-notice-annotation = { $name } left a note: { $text }
ui-notice-alarm = Alarm: { $sensor }, { $value }
ui-notice-teleport-blocked = You cannot stand there.
ui-notice-flying = Flying
ui-notice-walking = Walking
ui-notice-saved = Saved: { $path }
ui-notice-loading = Loading the mine …

ui-map-title = Plan
ui-map-level = Level { $level }
ui-map-elevation = { $elevation } m
ui-map-here = You are here
ui-map-north = N

ui-age-seconds = { $n } s
ui-age-minutes = { $n } min
ui-age-hours = { $n } h
ui-age-days = { $n } d

ui-unit-ppm = ppm
ui-unit-ppb = ppb
ui-unit-percent = %
ui-unit-celsius = °C
ui-unit-m = m
ui-unit-km = km
ui-unit-cm = cm
ui-unit-mm = mm
ui-unit-m-s = m/s
ui-unit-mm-s = mm/s
ui-unit-m3-s = m³/s
ui-unit-m3-h = m³/h
ui-unit-l-s = L/s
ui-unit-mg-m3 = mg/m³
ui-unit-ug-m3 = µg/m³
ui-unit-mg-l = mg/L
ui-unit-ug-l = µg/L
ui-unit-us-cm = µS/cm
ui-unit-ms-cm = mS/cm
ui-unit-mv = mV
ui-unit-kpa = kPa
ui-unit-hpa = hPa
ui-unit-pa = Pa
ui-unit-kw = kW
ui-unit-a = A
ui-unit-ntu = NTU
ui-unit-s = s
ui-unit-min = min
