# How the runtime's own settings (SteamVR, Monado ...) call what hands can do: short, all different.
headset-actions = Kenish
headset-action-aim = Pointing
headset-action-grip = Hand
headset-action-select = Select
headset-action-grab = Grab
headset-action-teleport = Jump to a place
headset-action-menu = Menu
headset-action-stick = Turn and walk
headset-action-haptic = Vibration
