# Терезеде және шлемде оқылатын мәтіндер.

ui-font-unreadable = { $file } қарпі оқылмайды: { $reason }.
ui-fonts-missing = Бірде-бір қаріп орнатылмаған. Мына Python пакеттерін орнатыңыз: { $packages }.

ui-menu-help = Анықтама
ui-menu-map = Жоспар
ui-menu-messages = Хабарлар
ui-menu-language = Тіл
ui-menu-settings = Баптаулар
ui-menu-quit = Шығу

ui-help-title = Пернелер
ui-key-mouse = Тінтуір
ui-key-left-button = Сол жақ түйме
ui-help-walk = Жүру
ui-help-look = Айналаға қарау
ui-help-run = Жылдамырақ қозғалу үшін басып тұрыңыз
ui-help-teleport = Қарап тұрған жерге ауысу
ui-help-fly = Ұшу немесе қайта жүру
ui-help-up-down = Ұшқанда жоғары және төмен
ui-help-use = Алдыңыздағы затты қолдану
ui-help-laser = Лазермен көрсету; оны басқалар да көреді
ui-help-note = Көрсетілген жерге белгі қалдыру
ui-help-message = Басқаларға хабар жазу
ui-help-picture = Суретті сақтау
ui-help-map = Жоспар: ауысу үшін шертіңіз
ui-help-language = Келесі тіл
ui-help-settings = Баптаулар
ui-help-viewpoint = Келесі шолу нүктесі
ui-help-drill = Жаттығуды бастау
ui-help-choose = Жаттығу сұрағына жауап беру
ui-help-help = Анықтаманы көрсету немесе жасыру
ui-help-escape = Тінтуірді босату, панельді жабу
ui-help-note-simulated = МОДЕЛЬ белгісі бар мәндер өлшенбеген, ойдан алынған.

ui-settings-title = Баптаулар
ui-settings-language = Тіл
ui-settings-turn = Шлемдегі бұрылу
ui-settings-turn-snap = Қадаммен
ui-settings-turn-smooth = Бірқалыпты
ui-settings-quality = Кескін сапасы
ui-settings-quality-low = Төмен
ui-settings-quality-medium = Орташа
ui-settings-quality-high = Жоғары
ui-settings-sensitivity = Тінтуір сезімталдығы
ui-settings-fly-speed = Ұшу жылдамдығы

ui-messages-none = Әзірге хабар жоқ.
ui-messages-hint = Хабар жазып, Enter пернесін басыңыз

ui-role-observer = Бақылаушы
ui-role-visitor = Келуші
ui-role-trainee = Оқушы
ui-role-engineer = Инженер
ui-role-instructor = Нұсқаушы
ui-role-admin = Әкімші
ui-member-away = байланыс жоқ

ui-simulated = МОДЕЛЬ
ui-quality-uncertain = күмәнді
ui-quality-bad = ақаулы
ui-state-normal = Қалыпты
ui-state-warning = Ескерту
ui-state-alarm = Дабыл
ui-state-stale = Жаңа мәндер жоқ

ui-drill-step = { $step }-қадам, барлығы { $steps }
ui-drill-score = { $score } ұпай
ui-drill-score-of = { $max } ұпайдан { $score }
ui-drill-passed = Тапсырылды
ui-drill-failed = Тапсырылмады
ui-drill-aborted = Мерзімінен бұрын тоқтатылды
ui-drill-start = Жаттығуды бастау үшін G пернесін басыңыз.
ui-drill-wait = Жалғастыра беріңіз; жаттығу жүріп жатыр.
ui-drill-paused = Жаттығу кідіртілді.
ui-drill-over = Жаттығу аяқталды.
ui-drill-type-number = Санды теріп, Enter пернесін басыңыз

ui-notice-connecting = { $address } мекенжайына қосылуда …
ui-notice-reconnecting = Байланыс үзілді. Қайта қосылуда; белгілеріңіз сақталған.
ui-notice-connected = Қосылды. Бөлмедегі қатысушылар: { $members }.
ui-notice-fictional = Ойдан шығарылған кеніш, мәндері модельденген.
ui-notice-joined = Жаңа қатысушы: { $name }.
ui-notice-left = Қатысушы шықты: { $name }.
ui-notice-annotation = { $name } белгі қалдырды: { $text }
ui-notice-alarm = Дабыл: { $sensor }, { $value }
ui-notice-teleport-blocked = Бұл жерде тұруға болмайды.
ui-notice-flying = Ұшу
ui-notice-walking = Жүру
ui-notice-saved = Сақталды: { $path }
ui-notice-loading = Кеніш жүктелуде …

ui-map-title = Жоспар
ui-map-level = { $level } горизонты
ui-map-elevation = { $elevation } м
ui-map-here = Сіз осындасыз
ui-map-north = С

ui-age-seconds = { $n } с
ui-age-minutes = { $n } мин
ui-age-hours = { $n } сағ
ui-age-days = { $n } күн

ui-unit-ppm = ppm
ui-unit-ppb = ppb
ui-unit-percent = %
ui-unit-celsius = °C
ui-unit-m = м
ui-unit-km = км
ui-unit-cm = см
ui-unit-mm = мм
ui-unit-m-s = м/с
ui-unit-mm-s = мм/с
ui-unit-m3-s = м³/с
ui-unit-m3-h = м³/сағ
ui-unit-l-s = л/с
ui-unit-mg-m3 = мг/м³
ui-unit-ug-m3 = мкг/м³
ui-unit-mg-l = мг/л
ui-unit-ug-l = мкг/л
ui-unit-us-cm = мкСм/см
ui-unit-ms-cm = мСм/см
ui-unit-mv = мВ
ui-unit-kpa = кПа
ui-unit-hpa = гПа
ui-unit-pa = Па
ui-unit-kw = кВт
ui-unit-a = А
ui-unit-ntu = NTU
ui-unit-s = с
ui-unit-min = мин
