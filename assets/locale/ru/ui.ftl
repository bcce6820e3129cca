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
ui-line-reconnecting = { $reason } Ждёт отправки: { $marks }. Нет связи: { $time }.
ui-line-refused = { $reason } Ждёт отправки: { $marks }.
ui-mark-waiting = ещё не отправлено
ui-notice-sent = Всё, что вы сделали за это время, отправлено.
ui-notice-undone = Отменено.
ui-notice-leads = Теперь ведёт { $name }.
ui-notice-you-lead = Теперь ведёте вы.
ui-notice-nobody-leads = Больше никто не ведёт.
ui-notice-muted = Вам отключили голос: слушать и смотреть можно, писать нельзя.
ui-notice-unmuted = Вы снова можете писать.
ui-notice-locked = Комната заперта: новые участники не входят.
ui-notice-unlocked = Комната снова открыта.
ui-line-level-1 = плохая связь
ui-line-level-2 = слабая связь
ui-line-level-3 = средняя связь
ui-line-level-4 = хорошая связь
ui-member-leads = ведёт
ui-member-muted = без голоса
ui-help-undo = Отменить своё последнее изменение
ui-menu-people = Люди
ui-help-people = Кто здесь; лишить голоса, запереть, передать ведение
ui-people-title = Здесь: { $n }
ui-people-locked = заперто
ui-people-you = { $name } (вы)
ui-people-absent = не здесь
ui-people-kept-out = не допускается
ui-people-mute = Лишить голоса
ui-people-unmute = Вернуть голос
ui-people-kick = Попросить выйти
ui-people-admit = Впустить снова
ui-people-lead = Передать ведение
ui-people-take-lead = Взять ведение
ui-people-end-lead = Никто не ведёт
ui-people-lock = Запереть комнату
ui-people-unlock = Отпереть комнату
ui-people-ask = Попросить выйти: { $name }? Вернуться можно будет, только когда участника снова впустят.
ui-people-reason = Причина, по желанию
ui-people-ask-yes = Попросить выйти
ui-people-cancel-no = Отмена
ui-line-withheld = { $n ->
    [one] { $n } слой этой модели закрыт для вашей роли.
    [few] { $n } слоя этой модели закрыты для вашей роли.
   *[other] { $n } слоёв этой модели закрыты для вашей роли.
}
ui-line-nothing-to-see = Все слои этой модели закрыты для вашей роли: смотреть не на что.
