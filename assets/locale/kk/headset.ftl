# Ортаның өз баптауларындағы (SteamVR, Monado ...) қол әрекеттерінің атаулары: қысқа әрі әртүрлі.
headset-actions = Kenish
headset-action-aim = Көрсету
headset-action-grip = Қол
headset-action-select = Таңдау
headset-action-grab = Ұстау
headset-action-teleport = Орынға көшу
headset-action-menu = Мәзір
headset-action-stick = Бұрылу және жүру
headset-action-haptic = Діріл
