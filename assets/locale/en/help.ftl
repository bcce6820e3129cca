# What `kenish COMMAND --help` says. Words that are typed (roles, units, modes) stay as they are.
cli-help-example = Example:
cli-help-arguments = Arguments
cli-help-options = Options
cli-help-commands = Commands
cli-help-help = show this help
cli-help-refused = { $command }: { $reason }. More: { $command } --help
cli-help-state = state folder (default: the user's data folder)
cli-help-size = width and height of the picture in pixels (default { $default })
cli-help-cache = folder where files of twins are kept (default: the user's cache folder)
cli-help-cache-gb = gigabytes that they may take, of all twins together (default { $default })

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
cli-help-join-display = desktop: a window; headset: through OpenXR, with a window; simulator: a head and two hands by keyboard and mouse; offscreen: no window; auto: a headset if one answers, else a window where there is a screen (default auto)
cli-help-join-xr-validate = let OpenXR check every call to the headset (slow; for reports of faults)
cli-help-join-at = arrive at a viewpoint of the scene
cli-help-join-meet = arrive face to face with a member
cli-help-join-laser = point with the laser all the time
cli-help-join-seconds = leave after so many seconds and print what was measured
cli-help-join-picture = save the last frame

cli-help-bench = Measure how Kenish performs on this machine. What follows NAME goes to the benchmark.
cli-help-bench-name = benchmark; there are: { $known }
cli-help-bench-quick = fewer runs

cli-help-doctor = What works on this machine, and how to mend what does not.
cli-help-doctor-xr = Everything that the OpenXR runtime and its headset offer.

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
cli-help-serve-flush-ms = pass poses on at most once in so many milliseconds (default: 5 for a few people, 12 for a hundred, more under load)
cli-help-serve-max-members = so many people may be in a room (default { $default })
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
cli-help-serve-drain-seconds = when asked to stop, tell the members and give them so many seconds (default { $default })
cli-help-serve-log-format = lines of the log as text or as JSON (default text)
cli-help-serve-log-level = debug, info, warning or error and what is worse (default warning)
cli-help-keep-entries = keep at least so many of the newest log entries (default 200000)
cli-help-keep-days = keep all log entries of so many days (default 365)

cli-help-token = Make a ticket that lets one person into a room, once and for a few minutes.
cli-help-token-room = name of the room
cli-help-token-role = role of the person in the room
cli-help-token-member = pseudonymous member id (default: a new one)
cli-help-token-minutes = minutes for which it is good, at most 5 (default { $default })

cli-help-room = Look after the rooms of a state folder: list, inspect, export, import, delete, back up, compact.
cli-help-room-list = show every room with its counts
cli-help-room-export = export a room: with --out as one file that "room import" takes, else its records and commands as JSON
cli-help-room-delete = delete a room and all its records
cli-help-room-name = name of the room
cli-help-room-export-out = file to write (default: standard output)
cli-help-room-delete-yes = really delete it
cli-help-room-info = show what one room holds
cli-help-room-import = make a room from a file that "room export" wrote; the same file again changes nothing
cli-help-room-import-file = file to read
cli-help-room-import-as = another name for the room
cli-help-room-import-new-epoch = begin a new life of the room: programs that know the old one load everything anew
cli-help-room-backup = copy the state folder, or one room, while servers work; the copy is a state folder
cli-help-room-backup-name = only this room (default: everything, with people and the secret)
cli-help-room-backup-out = folder to make, or an empty one
cli-help-room-compact = cut old entries from the log of a room that no server holds; what is alive stays

cli-help-people = Look after what a site knows of people: names, consents and scores are kept here and nowhere else.
cli-help-people-list = show everybody who was here, with name, site and when
cli-help-people-export = give everything that is kept of one person as JSON
cli-help-people-export-out = file to write (default: standard output)
cli-help-people-erase = forget one person: name, consents and scores
cli-help-people-erase-texts = also what they wrote in rooms; no server may hold those
cli-help-people-forget = forget everybody who was not here for so long
cli-help-people-forget-older-than = days since they were last here
cli-help-people-consent = note that a person consents, or no longer does
cli-help-people-consent-kind = what for, such as "recording"
cli-help-people-consent-withdraw = the consent no longer stands
cli-help-people-member = pseudonym of the person, as "people list" shows it

cli-help-twin = Import mine files into a twin, bake the fictional mine, check twins.
cli-help-twin-folder = folder of the twin
cli-help-twin-fetch = put a twin from a server on this disk, for where there is no line
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
cli-help-twin-import-access = who may see it: everybody, trainees and above, or engineers and above
cli-help-twin-bake = make the levels of detail of a twin's layers anew where they are missing, or make the fictional mine
cli-help-twin-bake-twin = folder of the twin to bake; a bake that was stopped goes on where it was
cli-help-twin-bake-reconstruct = lay a surface over the points of this layer, as a new layer (needs Open3D)
cli-help-twin-bake-again = bake layers too that are baked already
cli-help-twin-bake-dask = address of a Dask scheduler (HOST:PORT): bake on its workers, which see the twin in the same folder
cli-help-twin-bake-synthetic = the parametric mine; without a file, the bundled parameters
cli-help-twin-bake-triangles = millions of triangles, 0.5 to 100
cli-help-twin-bake-replace = replace an existing twin
cli-help-twin-add-layer = add a tileset that others made (3D Tiles) as a layer, as it is
cli-help-twin-add-layer-tileset = its tileset.json, the folder of that, or an archive (.3tz)
cli-help-twin-add-layer-id = name of the layer (default: the tileset's folder's)
cli-help-twin-add-layer-kind = what the layer shows
cli-help-twin-add-layer-access = who may see it: everybody, trainees and above, or engineers and above
cli-help-twin-add-layer-at = where in the survey grid the tileset's middle is, metres
cli-help-twin-add-layer-replace = replace the layer of the same name
cli-help-twin-info = show what a twin holds
cli-help-twin-validate = check a twin

cli-help-replay =
    Show a recording as a room: people enter as with "kenish serve" and see what was recorded. Engineers
    and above steer it (play, pause, seek, speed). Nothing of it is kept.
cli-help-replay-file = the recording, an MCAP file
cli-help-replay-twin = folder of the twin (default: the recorded one, if it lies here, beside the file or is the bundled one)
cli-help-replay-speed = recorded seconds per second, 0.1 to 16 (default { $default })
cli-help-replay-from = begin so many seconds after the recording's beginning
cli-help-replay-loop = begin again at the end
cli-help-replay-open = let this role and those below it in: { $roles } (default observer)

cli-help-bots =
    Let many lean members walk in a room and report, as JSON, what they received, how old it was and
    how long the server took to answer. Ctrl-C ends it with the report.
cli-help-bots-n = how many members
cli-help-bots-address = address of the room
cli-help-bots-rate = poses a second of each member (default { $default })
cli-help-bots-seconds = how long (default: until Ctrl-C)
cli-help-bots-commands = commands a second of each member: notes, messages, deletions (default { $default })
cli-help-bots-churn = members leave, lose their line and come back at random, each about every so many seconds (default { $default })
cli-help-bots-role = role of the members (default { $default })
cli-help-bots-ticket-file = tickets, one a line, one for each member
cli-help-twin-view = look at a twin without a room, with figures of how it streams
cli-help-twin-view-out = take a picture instead of opening a window
cli-help-twin-view-levels = colour tiles by their level
