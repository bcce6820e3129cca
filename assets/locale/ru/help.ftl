# Что говорит `kenish КОМАНДА --help`. Слова, которые вводят (роли, единицы, режимы), не переводятся.
cli-help-example = Пример:
cli-help-arguments = Аргументы
cli-help-options = Параметры
cli-help-commands = Команды
cli-help-help = показать эту справку
cli-help-refused = { $command }: { $reason }. Подробнее: { $command } --help
cli-help-state = папка состояния (по умолчанию: папка данных пользователя)
cli-help-size = ширина и высота изображения в пикселях (по умолчанию { $default })

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
cli-help-join-display = desktop: окно; offscreen: без окна; auto: окно, если есть экран (по умолчанию auto)
cli-help-join-at = появиться в точке обзора сцены
cli-help-join-meet = появиться лицом к лицу с участником
cli-help-join-laser = всё время показывать лазером
cli-help-join-seconds = выйти через столько секунд и вывести измеренное
cli-help-join-picture = сохранить последний кадр

cli-help-bench = Измерить производительность Kenish на этом компьютере. Всё после NAME передаётся измерению.
cli-help-bench-name = измерение; есть: { $known }
cli-help-bench-quick = меньше повторов

cli-help-doctor = Что работает на этом компьютере и как исправить остальное.

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

cli-help-token = Выдать билет, который один раз и в течение нескольких минут пускает одного человека в комнату.
cli-help-token-room = имя комнаты
cli-help-token-role = роль человека в комнате
cli-help-token-member = псевдонимный идентификатор участника (по умолчанию: новый)
cli-help-token-minutes = сколько минут билет действителен, не больше 5 (по умолчанию { $default })

cli-help-room = Показать, выгрузить и удалить комнаты папки состояния.
cli-help-room-list = показать все комнаты с числом записей и команд
cli-help-room-export = выгрузить записи и команды как JSON
cli-help-room-delete = удалить комнату и все её записи
cli-help-room-name = имя комнаты
cli-help-room-export-out = куда записать (по умолчанию: стандартный вывод)
cli-help-room-delete-yes = действительно удалить

cli-help-twin = Импортировать файлы рудника в двойник, собрать вымышленный рудник, проверить двойники.
cli-help-twin-folder = папка двойника
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
cli-help-twin-bake = собрать вымышленный рудник
cli-help-twin-bake-synthetic = рудник по параметрам; без файла берутся встроенные параметры
cli-help-twin-bake-triangles = миллионов треугольников, от 0.5 до 100
cli-help-twin-bake-replace = заменить существующий двойник
cli-help-twin-info = показать, что есть в двойнике
cli-help-twin-validate = проверить двойник
