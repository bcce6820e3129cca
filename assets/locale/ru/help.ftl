# Что говорит `kenish КОМАНДА --help`. Слова, которые вводят (роли, единицы, режимы), не переводятся.
cli-help-example = Пример:
cli-help-arguments = Аргументы
cli-help-options = Параметры
cli-help-commands = Команды
cli-help-help = показать эту справку
cli-help-refused = { $command }: { $reason }. Подробнее: { $command } --help
cli-help-state = папка состояния (по умолчанию: папка данных пользователя)
cli-help-size = ширина и высота изображения в пикселях (по умолчанию { $default })
cli-help-cache = папка, где хранятся файлы двойников (по умолчанию папка кэша пользователя)
cli-help-cache-gb = сколько гигабайт они могут занимать, все двойники вместе (по умолчанию { $default })

cli-help-demo =
    Пройти по встроенному руднику вместе со вторым участником. Без экрана: осмотр по сценарию на
    20 секунд, от которого остаются снимки, запись и показатели.
cli-help-demo-twin = другой двойник вместо встроенного
cli-help-demo-headless = без окна, даже если есть экран
cli-help-demo-out = папка для снимков, записи и показателей (по умолчанию { $default })
cli-help-demo-bake-only = собрать там встроенный двойник и закончить

cli-help-join = Войти в комнату. Достаточно адреса: рудник придёт оттуда.
cli-help-join-address = ws://ХОСТ:ПОРТ/КОМНАТА
cli-help-join-name = как вас видят другие
cli-help-join-role = роль в комнате (по умолчанию { $default })
cli-help-join-ticket = билет от kenish token
cli-help-join-ca = доверять сертификату этого удостоверяющего центра (PEM) для wss:// и https://, кроме системных
cli-help-join-display = desktop: окно; headset: шлем через OpenXR и окно; simulator: голова и две руки клавиатурой и мышью; offscreen: без окна; auto: шлем, если он отвечает, иначе окно, если есть экран (по умолчанию auto)
cli-help-join-xr-validate = пусть OpenXR проверяет каждое обращение к шлему (медленно; для сообщений о сбоях)
cli-help-join-at = появиться в точке обзора сцены
cli-help-join-meet = появиться лицом к лицу с участником
cli-help-join-laser = всё время показывать лазером
cli-help-join-seconds = выйти через столько секунд и вывести измеренное
cli-help-join-picture = сохранить последний кадр

cli-help-bench = Измерить производительность Kenish на этом компьютере. Всё после NAME передаётся измерению.
cli-help-bench-name = измерение; есть: { $known }
cli-help-bench-quick = меньше повторов

cli-help-doctor = Что работает на этом компьютере и как исправить остальное.
cli-help-doctor-xr = Всё, что предлагают среда OpenXR и её шлем.

cli-help-serve =
    Открыть двойник для других: комнаты на порту PORT, файлы по HTTP на PORT+1. Когда сервер готов,
    он выводит одну строку JSON с полями ws, http, rooms и pid.
cli-help-serve-twin = папка двойника
cli-help-serve-room = имя комнаты; можно повторять (по умолчанию: имя сцены)
cli-help-serve-port = 0: любой свободный (по умолчанию { $default })
cli-help-serve-host = адрес, на котором слушать; 0.0.0.0 пускает другие машины (по умолчанию { $default })
cli-help-serve-open = пускать без билета с этой ролью и ниже: { $roles }
cli-help-serve-tls-cert = цепочка сертификатов (PEM) для wss:// и https://; пароль ключа берётся из KENISH_TLS_KEY_PASSWORD
cli-help-serve-tls-key = закрытый ключ сертификата (PEM)
cli-help-serve-origin = разрешить страницам этого источника пользоваться сервером, например https://example.org; можно повторять
cli-help-serve-trust-proxy = верить этому прокси, кто приходит (X-Forwarded-For, X-Forwarded-Proto): его адрес или сеть; можно повторять
cli-help-serve-per-address = столько человек могут быть здесь с одного адреса (по умолчанию { $default })
cli-help-serve-record = записывать сеанс в MCAP; если указана существующая папка — каждую комнату в новый файл в ней; ничего не перезаписывается
cli-help-serve-record-minutes = начинать новый файл через столько минут (по умолчанию { $default })
cli-help-serve-flush-ms = передавать позы не чаще, чем раз в столько миллисекунд (по умолчанию 5 для нескольких человек, 12 для ста, больше под нагрузкой)
cli-help-serve-max-members = столько человек может быть в комнате (по умолчанию { $default })
cli-help-serve-simulate = имитировать датчики сцены
cli-help-serve-mqtt = брать значения датчиков у брокера MQTT
cli-help-serve-drill = провести это учение: drill.yaml или имя встроенного
cli-help-serve-drill-mode = practice объясняет, drill молчит и оценивает, tour только показывает (по умолчанию practice)
cli-help-serve-drill-profile = чьи нормы действуют (по умолчанию: как сказано в учении)
cli-help-serve-drill-seed = число, по которому выбираются моменты и значения (по умолчанию { $default })
cli-help-serve-drill-autostart = начать, когда войдёт первый участник
cli-help-serve-drill-speed = секунд учения за секунду, для пробы; отмечается в записях (по умолчанию { $default })
cli-help-serve-watch-parent = остановиться, когда закроется стандартный ввод
cli-help-serve-verbose = подробнее писать в стандартный поток ошибок
cli-help-serve-drain-seconds = при остановке предупредить участников и дать им столько секунд (по умолчанию { $default })
cli-help-serve-log-format = строки журнала как text или json (по умолчанию text)
cli-help-serve-log-level = debug, info, warning или error и всё, что хуже (по умолчанию warning)
cli-help-keep-entries = хранить не меньше стольких последних записей журнала (по умолчанию 200000)
cli-help-keep-days = хранить все записи журнала за столько дней (по умолчанию 365)

cli-help-token = Выдать билет, который один раз и в течение нескольких минут пускает одного человека в комнату.
cli-help-token-room = имя комнаты
cli-help-token-role = роль человека в комнате
cli-help-token-member = псевдонимный идентификатор участника (по умолчанию: новый)
cli-help-token-minutes = сколько минут билет действителен, не больше 5 (по умолчанию { $default })

cli-help-room = Заботиться о комнатах папки состояния: показать, выгрузить, загрузить, удалить, скопировать, сжать.
cli-help-room-list = показать все комнаты с числом записей и команд
cli-help-room-export = выгрузить комнату: с --out одним файлом для «room import», иначе записи и команды как JSON
cli-help-room-delete = удалить комнату и все её записи
cli-help-room-name = имя комнаты
cli-help-room-export-out = куда записать (по умолчанию: стандартный вывод)
cli-help-room-delete-yes = действительно удалить
cli-help-room-info = показать, что есть в одной комнате
cli-help-room-import = создать комнату из файла, который записала «room export»; тот же файл ещё раз ничего не меняет
cli-help-room-import-file = файл для чтения
cli-help-room-import-as = другое имя комнаты
cli-help-room-import-new-epoch = начать новую жизнь комнаты: программы, знающие старую, загрузят всё заново
cli-help-room-backup = скопировать папку состояния или одну комнату, пока серверы работают; копия тоже папка состояния
cli-help-room-backup-name = только эту комнату (по умолчанию: всё, с людьми и секретом)
cli-help-room-backup-out = папка, которую создать, или пустая
cli-help-room-compact = убрать старое из журнала комнаты, которую не держит ни один сервер; живое остаётся

cli-help-people = Заботиться о том, что площадка знает о людях: имена, согласия и оценки хранятся только здесь.
cli-help-people-list = показать всех, кто здесь был: имя, площадку и когда
cli-help-people-export = выдать всё, что хранится об одном человеке, как JSON
cli-help-people-export-out = файл для записи (по умолчанию: стандартный вывод)
cli-help-people-erase = забыть одного человека: имя, согласия и оценки
cli-help-people-erase-texts = и то, что он написал в комнатах; их не должен держать ни один сервер
cli-help-people-forget = забыть всех, кто давно здесь не был
cli-help-people-forget-older-than = сколько дней прошло с последнего раза
cli-help-people-consent = отметить, что человек согласен или больше не согласен
cli-help-people-consent-kind = на что, например «recording»
cli-help-people-consent-withdraw = согласие больше не действует
cli-help-people-member = псевдоним человека, как его показывает «people list»

cli-help-twin = Импортировать файлы рудника в двойник, собрать вымышленный рудник, проверить двойники.
cli-help-twin-folder = папка двойника
cli-help-twin-fetch = сохранить двойник с сервера на этот диск, чтобы работать без связи
cli-help-twin-import = загрузить файлы рудника в двойник
cli-help-twin-import-files = файлы рудника; каждый становится слоем
cli-help-twin-import-units = единица координат в файлах
cli-help-twin-import-up = вертикальная ось файлов
cli-help-twin-import-crs = система координат файлов
cli-help-twin-import-name = имя слоя (только для одного файла)
cli-help-twin-import-kind = что показывает слой
cli-help-twin-import-replace = заменить слои с тем же именем
cli-help-twin-import-drift-width = ширина в метрах выработок, у которых стенки при съёмке не измерены (по умолчанию { $default })
cli-help-twin-import-drift-height = высота в метрах таких выработок (по умолчанию { $default })
cli-help-twin-import-block-order = ось, вдоль которой значения блоков идут быстрее всего
cli-help-twin-import-cutoff = рисовать только блоки с этим значением и выше
cli-help-twin-import-access = кому это видно: всем, начиная с обучаемых или начиная с инженеров
cli-help-twin-bake = подготовить уровни детализации слоёв двойника, где их нет, или создать вымышленный рудник
cli-help-twin-bake-twin = папка двойника; прерванная подготовка продолжается с того же места
cli-help-twin-bake-reconstruct = построить поверхность по точкам этого слоя, новым слоем (нужен Open3D)
cli-help-twin-bake-again = подготовить и те слои, что уже готовы
cli-help-twin-bake-dask = адрес планировщика Dask (УЗЕЛ:ПОРТ): расчёт на его исполнителях, которые видят двойник в той же папке
cli-help-twin-bake-synthetic = рудник по параметрам; без файла берутся встроенные параметры
cli-help-twin-bake-triangles = миллионов треугольников, от 0.5 до 100
cli-help-twin-bake-replace = заменить существующий двойник
cli-help-twin-add-layer = добавить чужой набор тайлов (3D Tiles) слоем, как он есть
cli-help-twin-add-layer-tileset = его tileset.json, папка с ним или архив (.3tz)
cli-help-twin-add-layer-id = имя слоя (по умолчанию: имя папки набора)
cli-help-twin-add-layer-kind = что показывает слой
cli-help-twin-add-layer-access = кому он виден: всем, стажёрам и выше или инженерам и выше
cli-help-twin-add-layer-at = где в маркшейдерской сетке середина набора, в метрах
cli-help-twin-add-layer-replace = заменить слой с тем же именем
cli-help-twin-info = показать, что есть в двойнике
cli-help-twin-validate = проверить двойник

cli-help-replay =
    Показать запись как комнату: люди входят так же, как при "kenish serve", и видят записанное. Инженеры
    и выше управляют показом (пуск, пауза, перемотка, скорость). Ничего не сохраняется.
cli-help-replay-file = запись, файл MCAP
cli-help-replay-twin = папка двойника (по умолчанию — записанный, если он лежит здесь, рядом с файлом или входит в комплект)
cli-help-replay-speed = секунд записи в секунду, от 0.1 до 16 (по умолчанию { $default })
cli-help-replay-from = начать через столько секунд от начала записи
cli-help-replay-loop = в конце начинать сначала
cli-help-replay-open = впускать эту роль и роли ниже: { $roles } (по умолчанию observer)

cli-help-bots =
    Множество лёгких участников ходят по комнате и сообщают в JSON, что они получили, насколько это было
    устаревшим и как быстро отвечал сервер. Ctrl-C завершает работу с отчётом.
cli-help-bots-n = сколько участников
cli-help-bots-address = адрес комнаты
cli-help-bots-rate = поз в секунду от каждого участника (по умолчанию { $default })
cli-help-bots-seconds = как долго (по умолчанию — до Ctrl-C)
cli-help-bots-commands = команд в секунду от каждого участника: заметки, сообщения, удаления (по умолчанию { $default })
cli-help-bots-churn = участники случайно уходят, теряют связь и возвращаются, каждый примерно раз в столько секунд (по умолчанию { $default })
cli-help-bots-role = роль участников (по умолчанию { $default })
cli-help-bots-ticket-file = билеты, по одному в строке, по одному на участника
cli-help-twin-view = посмотреть двойник без комнаты, с показателями загрузки
cli-help-twin-view-out = снять картинку вместо окна
cli-help-twin-view-levels = раскрасить тайлы по уровням
