# kenish doctor
doctor-python-ok = Python { $version }
doctor-python-other = Python { $version } is not one that Kenish is tested with (3.11, 3.12, 3.13)
doctor-fix-python = Install one of these and run with it: tools/run.py install
doctor-packages-ok = Python packages: all { $count } are there
doctor-packages-missing = Python packages missing: { $names }
doctor-fix-packages = Run: python3 tools/run.py install
doctor-simplifier-fast = Simplifying meshes: { $name }, compiled on this machine (fast)
doctor-simplifier-wheel = Simplifying meshes: { $name }. Slower than what python3 tools/run.py install compiles where it finds a compiler
doctor-gl-ok = Drawing works: { $renderer }, OpenGL { $version }
doctor-gl-software = Drawing works, slowly, without a graphics card: { $renderer }, OpenGL { $version }
doctor-gl-old = The graphics driver offers only OpenGL { $version } ({ $renderer }); 3.3 is needed
doctor-gl-none = Nothing can be drawn: { $reason }
doctor-fix-gl = On Linux run python3 tools/run.py install, which names the missing libraries; elsewhere install the graphics card's driver.
doctor-fix-gl-old = Update the graphics card's driver.
doctor-fix-gl-software = Pictures are right all the same. For a smooth walk, install the graphics card's own driver.
doctor-window-ok = A window opens: { $renderer }
doctor-window-none = There is no screen in this session
doctor-window-refused = No window can be opened: { $reason }
doctor-fix-window = Update the graphics card's driver, or use: kenish demo --headless
doctor-fix-window-none = Log in on a screen for a window; without one use: kenish demo --headless
doctor-screens-ok = Screens: { $screens }
doctor-screens-none = No screen is connected
doctor-openxr-ok = OpenXR: { $runtime }, headset { $system }
doctor-openxr-no-headset = OpenXR: { $runtime } runs, but no headset answers
doctor-openxr-no-opengl = OpenXR: { $runtime } cannot work with OpenGL programs
doctor-openxr-none = No OpenXR runtime (needed only for a headset)
doctor-openxr-broken = The OpenXR runtime does not work: { $reason }
doctor-fix-openxr = For a headset, install and start its runtime (SteamVR, Meta Quest Link or Monado) and make it the active OpenXR runtime.
doctor-fix-openxr-headset = Connect the headset, wake it and look whether the runtime shows it.
doctor-fix-openxr-opengl = Make another runtime the active one: SteamVR and Monado work with OpenGL.
doctor-audio-ok = Sound: there is an audio device
doctor-audio-none = No sound: { $reason }. Kenish is silent and works otherwise
doctor-fix-audio = Connect loudspeakers or headphones, if you want to hear the mine.
doctor-ports-ok = Network: programs on this machine can talk to each other (tried on port { $port })
doctor-ports-refused = Network: programs on this machine cannot talk to each other: { $reason }
doctor-fix-ports = Let Python use the address 127.0.0.1 in the firewall or security program.
doctor-fonts-ok = Fonts: { $names }
doctor-fonts-missing = Fonts missing: { $names }
doctor-broker-answers = Sensors: an MQTT broker answers at { $address }
doctor-broker-program = Sensors: the MQTT broker { $path } is installed
doctor-broker-none = No MQTT broker on this machine (needed only for real sensors; the demo simulates them)
doctor-fix-broker = Install mosquitto (Debian and Ubuntu: apt-get install mosquitto), or give the address of a broker elsewhere: kenish serve TWIN --mqtt mqtt://HOST
doctor-folder-ok = { $folder } can be written
doctor-folder-refused = { $folder } cannot be written: { $reason }
doctor-fix-folder = Make this folder yours, or name another one, where a command has the option --state.
doctor-disk-ok = Disk space: { $free } GB free in { $folder }
doctor-disk-low = Disk space: only { $free } GB free in { $folder }; large mines need more
doctor-disk-full = Disk space: { $free } GB free in { $folder } is too little for the demo
doctor-fix-disk = Make room on that disk.
doctor-check-broken = The check "{ $name }" itself failed: { $reason }
doctor-reason-timeout = no answer in time
doctor-reason-crashed = the driver crashed
doctor-reason-no-display = the window system does not answer
doctor-reason-no-library = the OpenGL libraries cannot be loaded
doctor-reason-no-context = the driver offers no OpenGL 3.3
doctor-reason-nothing-drawn = no picture came back
doctor-reason-wrong-colours = the picture came back in wrong colours
doctor-reason-no-audio = no audio device
doctor-summary-ok = { $warnings ->
    [0] Everything works.
    [one] The demo runs on this machine. There is { $warnings } remark (!) above.
   *[other] The demo runs on this machine. There are { $warnings } remarks (!) above.
}
doctor-summary-fail = { $failures ->
    [one] The demo does not run on this machine yet: mend the line marked x.
   *[other] The demo does not run on this machine yet: mend the { $failures } lines marked x.
}
doctor-xr-version = Runtime version: { $list }
doctor-xr-views = Pixels per eye: { $list }
doctor-xr-blend = Blend modes: { $list }
doctor-xr-enabled = Extensions in use: { $list }
doctor-xr-offered = Extensions offered: { $list }
doctor-xr-profiles = Controllers that it takes our buttons for: { $list }
doctor-xr-profiles-refused = Controllers that it refuses our buttons for: { $list }
doctor-xr-session-only = Picture formats and refresh rates are known only while the headset is in use.
