# What `kenish COMMAND --help` says. Words that are typed (roles, units, modes) stay as they are.
cli-help-example = Example:
cli-help-arguments = Arguments
cli-help-options = Options
cli-help-commands = Commands
cli-help-help = show this help
cli-help-refused = { $command }: { $reason }. More: { $command } --help
cli-help-state = state folder (default: the user's data folder)
cli-help-size = width and height of the picture in pixels (default { $default })

cli-help-demo =
    Walk through the bundled mine with a second person. Without a screen: a scripted visit of
    20 seconds that leaves pictures, a recording and figures.
cli-help-demo-twin = another twin than the bundled one
cli-help-demo-headless = no window, even with a screen
cli-help-demo-out = folder for pictures, recording and figures (default { $default })
cli-help-demo-bake-only = bake the bundled twin there and stop

cli-help-join = Enter a room. The address is all that is needed: the mine comes from there.
cli-help-join-address = ws://HOST:PORT/ROOM
cli-help-join-name = how the others see you
cli-help-join-role = role in the room (default { $default })
cli-help-join-ticket = ticket from kenish token
cli-help-join-ca = trust this authority's certificate (PEM) for wss:// and https://, besides those of the system
cli-help-join-display = desktop: a window; offscreen: no window; auto: a window where there is a screen (default auto)
cli-help-join-at = arrive at a viewpoint of the scene
cli-help-join-meet = arrive face to face with a member
cli-help-join-laser = point with the laser all the time
cli-help-join-seconds = leave after so many seconds and print what was measured
cli-help-join-picture = save the last frame

cli-help-bench = Measure how Kenish performs on this machine. What follows NAME goes to the benchmark.
cli-help-bench-name = benchmark; there are: { $known }
cli-help-bench-quick = fewer runs

cli-help-doctor = What works on this machine, and how to mend what does not.

cli-help-serve =
    Share a twin: rooms on PORT, files over HTTP on PORT+1. Once it listens, it prints one JSON line
    with ws, http, rooms and pid.
cli-help-serve-twin = folder of the twin
cli-help-serve-room = name of a room; may be repeated (default: the scene's name)
cli-help-serve-port = 0: any free one (default { $default })
cli-help-serve-host = address to listen on; 0.0.0.0 lets other machines in (default { $default })
cli-help-serve-open = let this role and those below it in without a ticket: { $roles }
cli-help-serve-tls-cert = certificate chain (PEM) for wss:// and https://; a password of the key is taken from KENISH_TLS_KEY_PASSWORD
cli-help-serve-tls-key = the certificate's private key (PEM)
cli-help-serve-origin = let pages of this origin use the server, e.g. https://example.org; may be repeated
cli-help-serve-trust-proxy = believe what this proxy says about who comes (X-Forwarded-For, X-Forwarded-Proto): its address or network; may be repeated
cli-help-serve-per-address = so many people may be here from one address (default { $default })
cli-help-serve-record = record the session as MCAP; an existing folder: every room into a new file there; nothing is overwritten
cli-help-serve-record-minutes = begin a new file after so many minutes (default { $default })
cli-help-serve-simulate = simulate the scene's sensors
cli-help-serve-mqtt = take sensor values from an MQTT broker
cli-help-serve-drill = run this drill: a drill.yaml or the name of a bundled one
cli-help-serve-drill-mode = practice explains, drill is silent and scored, tour only shows (default practice)
cli-help-serve-drill-profile = whose limits hold (default: as the drill says)
cli-help-serve-drill-seed = number from which times and values are drawn (default { $default })
cli-help-serve-drill-autostart = start when the first person has come
cli-help-serve-drill-speed = drill seconds per second, to try things out; noted in the records (default { $default })
cli-help-serve-watch-parent = stop when standard input is closed
cli-help-serve-verbose = log more to standard error

cli-help-token = Make a ticket that lets one person into a room, once and for a few minutes.
cli-help-token-room = name of the room
cli-help-token-role = role of the person in the room
cli-help-token-member = pseudonymous member id (default: a new one)
cli-help-token-minutes = minutes for which it is good, at most 5 (default { $default })

cli-help-room = List, export and delete the rooms of a state folder.
cli-help-room-list = show every room with its counts
cli-help-room-export = export records and commands as JSON
cli-help-room-delete = delete a room and all its records
cli-help-room-name = name of the room
cli-help-room-export-out = file to write (default: standard output)
cli-help-room-delete-yes = really delete it

cli-help-twin = Import mine files into a twin, bake the fictional mine, check twins.
cli-help-twin-folder = folder of the twin
cli-help-twin-import = read mine files into a twin
cli-help-twin-import-files = mine files; each becomes a layer
cli-help-twin-import-units = unit of the files' coordinates
cli-help-twin-import-up = the files' vertical axis
cli-help-twin-import-crs = coordinate system of the files
cli-help-twin-import-name = name of the layer (one file only)
cli-help-twin-import-kind = what the layer shows
cli-help-twin-import-replace = replace layers of the same name
cli-help-twin-import-drift-width = width in metres of drifts whose survey has no measured walls (default { $default })
cli-help-twin-import-drift-height = height in metres of such drifts (default { $default })
cli-help-twin-import-block-order = axis along which block values run fastest
cli-help-twin-import-cutoff = draw only blocks at or above this value
cli-help-twin-bake = make the fictional mine
cli-help-twin-bake-synthetic = the parametric mine; without a file, the bundled parameters
cli-help-twin-bake-triangles = millions of triangles, 0.5 to 100
cli-help-twin-bake-replace = replace an existing twin
cli-help-twin-info = show what a twin holds
cli-help-twin-validate = check a twin
