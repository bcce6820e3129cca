# Что люди читают в окне и в шлеме.

ui-font-unreadable = Не удаётся прочитать шрифт { $file }: { $reason }.
ui-fonts-missing = Не установлено ни одного шрифта. Установите пакеты Python: { $packages }.

ui-menu-help = Справка
ui-menu-map = План
ui-menu-messages = Сообщения
ui-menu-language = Язык
ui-menu-settings = Настройки
ui-menu-quit = Выход

ui-help-title = Клавиши
ui-key-mouse = Мышь
ui-key-left-button = Левая кнопка
ui-help-walk = Идти
ui-help-look = Осматриваться
ui-help-run = Удерживайте, чтобы двигаться быстрее
ui-help-teleport = Перенестись туда, куда смотрите
ui-help-fly = Лететь или снова идти
ui-help-up-down = Выше и ниже в полёте
ui-help-use = Применить то, что перед вами
ui-help-laser = Показать лазером; его видят все
ui-help-note = Оставить заметку в указанном месте
ui-help-message = Написать остальным
ui-help-picture = Сохранить снимок
ui-help-map = План: щёлкните, чтобы перенестись
ui-help-language = Следующий язык
ui-help-settings = Настройки
ui-help-viewpoint = Следующая точка обзора
ui-help-drill = Начать учение
ui-help-choose = Ответить на вопрос учения
ui-help-help = Показать или скрыть справку
ui-help-escape = Освободить мышь, закрыть панель
ui-help-note-simulated = Значения с пометкой МОДЕЛЬ вымышлены, а не измерены.

ui-settings-title = Настройки
ui-settings-language = Язык
ui-settings-turn = Поворот в шлеме
ui-settings-turn-snap = Шагами
ui-settings-turn-smooth = Плавно
ui-settings-quality = Качество изображения
ui-settings-quality-low = Низкое
ui-settings-quality-medium = Среднее
ui-settings-quality-high = Высокое
ui-settings-sensitivity = Чувствительность мыши
ui-settings-fly-speed = Скорость полёта

ui-messages-none = Сообщений пока нет.
ui-messages-hint = Введите сообщение и нажмите Enter

ui-role-observer = Наблюдатель
ui-role-visitor = Посетитель
ui-role-trainee = Обучаемый
ui-role-engineer = Инженер
ui-role-instructor = Инструктор
ui-role-admin = Администратор
ui-member-away = нет связи

ui-simulated = МОДЕЛЬ
ui-quality-uncertain = сомнительно
ui-quality-bad = неисправен
ui-state-normal = Норма
ui-state-warning = Предупреждение
ui-state-alarm = Тревога
ui-state-stale = Нет свежих данных

ui-drill-step = Шаг { $step } из { $steps }
ui-drill-score = Баллы: { $score }
ui-drill-score-of = Баллы: { $score } из { $max }
ui-drill-passed = Зачтено
ui-drill-failed = Не зачтено
ui-drill-aborted = Остановлено досрочно
ui-drill-start = Нажмите G, чтобы начать учение.
ui-drill-wait = Продолжайте; учение идёт.
ui-drill-paused = Учение приостановлено.
ui-drill-over = Учение окончено.
ui-drill-type-number = Введите число и нажмите Enter

ui-notice-connecting = Подключение к { $address } …
ui-notice-reconnecting = Связь потеряна. Переподключаемся; ваши отметки сохранены.
ui-notice-connected = Подключено. Участников в комнате: { $members }.
ui-notice-fictional = Вымышленный рудник, значения смоделированы.
ui-notice-joined = Новый участник: { $name }.
ui-notice-left = Участник вышел: { $name }.
ui-notice-annotation = Заметка от { $name }: { $text }
ui-notice-alarm = Тревога: { $sensor }, { $value }
ui-notice-teleport-blocked = Здесь нельзя встать.
ui-notice-flying = Полёт
ui-notice-walking = Ходьба
ui-notice-saved = Сохранено: { $path }
ui-notice-loading = Загружается рудник …

ui-map-title = План
ui-map-level = Горизонт { $level }
ui-map-elevation = { $elevation } м
ui-map-here = Вы здесь
ui-map-north = С

ui-age-seconds = { $n } с
ui-age-minutes = { $n } мин
ui-age-hours = { $n } ч
ui-age-days = { $n } дн.

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
ui-unit-m3-h = м³/ч
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
