# Названия действий рук в настройках самой среды (SteamVR, Monado ...): короткие и разные.
headset-actions = Kenish
headset-action-aim = Указание
headset-action-grip = Рука
headset-action-select = Выбор
headset-action-grab = Взять
headset-action-teleport = Перенестись на место
headset-action-menu = Меню
headset-action-stick = Поворот и ходьба
headset-action-haptic = Вибрация
