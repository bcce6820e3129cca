# kenish doctor
doctor-python-ok = Python { $version }
doctor-python-other = Python { $version }: с этой версией Kenish не проверяется (нужна 3.11, 3.12 или 3.13)
doctor-fix-python = Установите одну из них и запустите с ней: tools/run.py install
doctor-packages-ok = Пакеты Python: на месте все { $count }
doctor-packages-missing = Не хватает пакетов Python: { $names }
doctor-fix-packages = Выполните: python3 tools/run.py install
doctor-simplifier-fast = Упрощение сеток: { $name }, собрано на этой машине (быстро)
doctor-simplifier-wheel = Упрощение сеток: { $name }. Медленнее того, что python3 tools/run.py install собирает, если находит компилятор
doctor-gl-ok = Графика работает: { $renderer }, OpenGL { $version }
doctor-gl-software = Графика работает, но медленно, без видеокарты: { $renderer }, OpenGL { $version }
doctor-gl-old = Видеодрайвер поддерживает только OpenGL { $version } ({ $renderer }); нужна версия 3.3
doctor-gl-none = Рисовать нечем: { $reason }
doctor-fix-gl = В Linux выполните python3 tools/run.py install: команда назовёт недостающие библиотеки; в других системах установите драйвер видеокарты.
doctor-fix-gl-old = Обновите драйвер видеокарты.
doctor-fix-gl-software = Изображение всё равно верное. Для плавной ходьбы установите драйвер самой видеокарты.
doctor-window-ok = Окно открывается: { $renderer }
doctor-window-none = В этом сеансе нет экрана
doctor-window-refused = Окно не открывается: { $reason }
doctor-fix-window = Обновите драйвер видеокарты или используйте: kenish demo --headless
doctor-fix-window-none = Чтобы увидеть окно, войдите в систему за экраном; без него используйте: kenish demo --headless
doctor-screens-ok = Экраны: { $screens }
doctor-screens-none = Экран не подключён
doctor-openxr-ok = OpenXR: { $runtime }, шлем { $system }
doctor-openxr-no-headset = OpenXR: { $runtime } работает, но шлем не отвечает
doctor-openxr-no-opengl = OpenXR: { $runtime } не работает с программами на OpenGL
doctor-openxr-none = Среды OpenXR нет (нужна только для шлема)
doctor-openxr-broken = Среда OpenXR не работает: { $reason }
doctor-fix-openxr = Для шлема установите и запустите его среду (SteamVR, Meta Quest Link или Monado) и сделайте её активной средой OpenXR.
doctor-fix-openxr-headset = Подключите и разбудите шлем и проверьте, видит ли его среда.
doctor-fix-openxr-opengl = Сделайте активной другую среду: с OpenGL работают SteamVR и Monado.
doctor-audio-ok = Звук: аудиоустройство есть
doctor-audio-none = Звука нет: { $reason }. Kenish молчит, остальное работает
doctor-fix-audio = Подключите колонки или наушники, если хотите слышать рудник.
doctor-ports-ok = Сеть: программы на этом компьютере могут связаться друг с другом (проверено на порту { $port })
doctor-ports-refused = Сеть: программы на этом компьютере не могут связаться друг с другом: { $reason }
doctor-fix-ports = Разрешите Python адрес 127.0.0.1 в межсетевом экране или программе защиты.
doctor-fonts-ok = Шрифты: { $names }
doctor-fonts-missing = Не хватает шрифтов: { $names }
doctor-broker-answers = Датчики: брокер MQTT отвечает по адресу { $address }
doctor-broker-program = Датчики: установлен брокер MQTT { $path }
doctor-broker-none = На этом компьютере нет брокера MQTT (нужен только для настоящих датчиков; в демонстрации они имитируются)
doctor-fix-broker = Установите mosquitto (Debian и Ubuntu: apt-get install mosquitto) или укажите брокер на другом компьютере: kenish serve TWIN --mqtt mqtt://HOST
doctor-folder-ok = В папку { $folder } можно писать
doctor-folder-refused = В папку { $folder } писать нельзя: { $reason }
doctor-fix-folder = Получите права на эту папку или укажите другую там, где у команды есть параметр --state.
doctor-disk-ok = Место на диске: в { $folder } свободно { $free } ГБ
doctor-disk-low = Место на диске: в { $folder } свободно всего { $free } ГБ; большим рудникам нужно больше
doctor-disk-full = Место на диске: { $free } ГБ в { $folder } не хватит для демонстрации
doctor-fix-disk = Освободите место на этом диске.
doctor-check-broken = Сама проверка «{ $name }» не удалась: { $reason }
doctor-reason-timeout = нет ответа в срок
doctor-reason-crashed = драйвер аварийно завершился
doctor-reason-no-display = оконная система не отвечает
doctor-reason-no-library = библиотеки OpenGL не загружаются
doctor-reason-no-context = драйвер не поддерживает OpenGL 3.3
doctor-reason-nothing-drawn = изображение не получено
doctor-reason-wrong-colours = цвета изображения искажены
doctor-reason-no-audio = нет аудиоустройства
doctor-summary-ok = { $warnings ->
    [0] Всё работает.
    [one] Демонстрация на этом компьютере запустится. Выше { $warnings } замечание (!).
    [few] Демонстрация на этом компьютере запустится. Выше { $warnings } замечания (!).
   *[other] Демонстрация на этом компьютере запустится. Выше { $warnings } замечаний (!).
}
doctor-summary-fail = { $failures ->
    [one] Демонстрация на этом компьютере пока не запустится: исправьте { $failures } строку с пометкой x.
    [few] Демонстрация на этом компьютере пока не запустится: исправьте { $failures } строки с пометкой x.
   *[other] Демонстрация на этом компьютере пока не запустится: исправьте { $failures } строк с пометкой x.
}
doctor-xr-version = Версия среды: { $list }
doctor-xr-views = Пикселей на глаз: { $list }
doctor-xr-blend = Режимы смешения: { $list }
doctor-xr-enabled = Используемые расширения: { $list }
doctor-xr-offered = Предлагаемые расширения: { $list }
doctor-xr-profiles = Контроллеры, для которых наши кнопки приняты: { $list }
doctor-xr-profiles-refused = Контроллеры, для которых наши кнопки отклонены: { $list }
doctor-xr-session-only = Форматы изображения и частоты обновления известны, только пока шлем в работе.
