# `kenish ПӘРМЕН --help` не айтады. Терілетін сөздер (рөлдер, бірліктер, режимдер) аударылмайды.
cli-help-example = Мысал:
cli-help-arguments = Аргументтер
cli-help-options = Параметрлер
cli-help-commands = Пәрмендер
cli-help-help = осы анықтаманы көрсету
cli-help-refused = { $command }: { $reason }. Толығырақ: { $command } --help
cli-help-state = күй қалтасы (әдепкі: пайдаланушының деректер қалтасы)
cli-help-size = кескіннің ені мен биіктігі, пиксель (әдепкі { $default })

cli-help-demo =
    Кірістірілген кенішті екінші адаммен бірге аралау. Экран болмаса: сценарий бойынша 20 секундтық
    аралау, одан суреттер, жазба және көрсеткіштер қалады.
cli-help-demo-twin = кірістірілгеннің орнына басқа егіз
cli-help-demo-headless = экран болса да, терезесіз
cli-help-demo-out = суреттер, жазба және көрсеткіштер қалтасы (әдепкі { $default })
cli-help-demo-bake-only = кірістірілген егізді сонда жинап, тоқтау

cli-help-join = Бөлмеге кіру. Мекенжай жеткілікті: кеніш сол жерден келеді.
cli-help-join-address = ws://ХОСТ:ПОРТ/БӨЛМЕ
cli-help-join-name = басқаларға көрінетін атыңыз
cli-help-join-role = бөлмедегі рөл (әдепкі { $default })
cli-help-join-ticket = kenish token берген билет
cli-help-join-ca = wss:// және https:// үшін жүйедегілерден бөлек осы куәландырушы орталықтың сертификатына (PEM) сену
cli-help-join-display = desktop: терезе; offscreen: терезесіз; auto: экран болса, терезе (әдепкі auto)
cli-help-join-at = көріністің шолу нүктесіне келу
cli-help-join-meet = қатысушымен бетпе-бет келу
cli-help-join-laser = ұдайы лазермен көрсетіп тұру
cli-help-join-seconds = осынша секундтан кейін шығып, өлшенгенді көрсету
cli-help-join-picture = соңғы кадрды сақтау

cli-help-bench = Kenish өнімділігін осы компьютерде өлшеу. NAME сөзінен кейінгінің бәрі өлшемге беріледі.
cli-help-bench-name = өлшем; бары: { $known }
cli-help-bench-quick = азырақ қайталау

cli-help-doctor = Бұл компьютерде не істейді және қалғанын қалай түзетуге болады.

cli-help-serve =
    Егізді ортақ ету: бөлмелер PORT портында, файлдар HTTP арқылы PORT+1 портында. Сервер дайын
    болғанда ws, http, rooms және pid өрістері бар бір JSON жолын шығарады.
cli-help-serve-twin = егіз қалтасы
cli-help-serve-room = бөлме аты; қайталауға болады (әдепкі: көріністің аты)
cli-help-serve-port = 0: кез келген бос порт (әдепкі { $default })
cli-help-serve-host = тыңдайтын мекенжай; 0.0.0.0 басқа машиналарды кіргізеді (әдепкі { $default })
cli-help-serve-open = осы рөлді және одан төмендерін билетсіз кіргізу: { $roles }
cli-help-serve-tls-cert = wss:// және https:// үшін сертификаттар тізбегі (PEM); кілттің құпиясөзі KENISH_TLS_KEY_PASSWORD айнымалысынан алынады
cli-help-serve-tls-key = сертификаттың жеке кілті (PEM)
cli-help-serve-origin = осы дереккөз беттеріне серверді пайдалануға рұқсат беру, мысалы https://example.org; қайталауға болады
cli-help-serve-trust-proxy = кім келетіні туралы осы проксиге сену (X-Forwarded-For, X-Forwarded-Proto): оның мекенжайы немесе желісі; қайталауға болады
cli-help-serve-per-address = бір мекенжайдан осынша адам кіре алады (әдепкі { $default })
cli-help-serve-record = сеансты MCAP файлына жазу; бар қалта көрсетілсе — әр бөлмені ондағы жаңа файлға; ештеңе үстінен жазылмайды
cli-help-serve-record-minutes = осынша минуттан кейін жаңа файл бастау (әдепкісі { $default })
cli-help-serve-simulate = көріністің датчиктерін имитациялау
cli-help-serve-mqtt = датчик мәндерін MQTT брокерінен алу
cli-help-serve-drill = осы жаттығуды өткізу: drill.yaml немесе кірістірілгенінің аты
cli-help-serve-drill-mode = practice түсіндіреді, drill үнсіз бағалайды, tour тек көрсетеді (әдепкі practice)
cli-help-serve-drill-profile = кімнің нормалары қолданылады (әдепкі: жаттығуда айтылғандай)
cli-help-serve-drill-seed = уақыт пен мәндер таңдалатын сан (әдепкі { $default })
cli-help-serve-drill-autostart = бірінші адам кіргенде бастау
cli-help-serve-drill-speed = бір секундта жаттығудың неше секунды өтеді, байқап көруге; жазбаларда белгіленеді (әдепкі { $default })
cli-help-serve-watch-parent = стандартты енгізу жабылғанда тоқтау
cli-help-serve-verbose = стандартты қателер ағынына толығырақ жазу

cli-help-token = Бір адамды бөлмеге бір рет, бірнеше минут ішінде кіргізетін билет беру.
cli-help-token-room = бөлме аты
cli-help-token-role = адамның бөлмедегі рөлі
cli-help-token-member = қатысушының бүркеншік нөмірі (әдепкі: жаңа)
cli-help-token-minutes = билет неше минут жарамды, ең көбі 5 (әдепкі { $default })

cli-help-room = Күй қалтасындағы бөлмелерді көрсету, шығарып алу және жою.
cli-help-room-list = барлық бөлмені жазбалар мен командалар санымен көрсету
cli-help-room-export = жазбалар мен командаларды JSON түрінде шығарып алу
cli-help-room-delete = бөлмені барлық жазбасымен жою
cli-help-room-name = бөлме аты
cli-help-room-export-out = жазылатын файл (әдепкі: стандартты шығару)
cli-help-room-delete-yes = шынымен жою

cli-help-twin = Кеніш файлдарын егізге импорттау, ойдан шығарылған кенішті жинау, егіздерді тексеру.
cli-help-twin-folder = егіз қалтасы
cli-help-twin-import = кеніш файлдарын егізге жүктеу
cli-help-twin-import-files = кеніш файлдары; әрқайсысы бір қабат болады
cli-help-twin-import-units = файлдардағы координат бірлігі
cli-help-twin-import-up = файлдардың тік осі
cli-help-twin-import-crs = файлдардың координаттар жүйесі
cli-help-twin-import-name = қабат аты (тек бір файл үшін)
cli-help-twin-import-kind = қабат нені көрсетеді
cli-help-twin-import-replace = аттас қабаттарды ауыстыру
cli-help-twin-import-drift-width = түсірісте қабырғалары өлшенбеген қазбалардың ені, метр (әдепкі { $default })
cli-help-twin-import-drift-height = сондай қазбалардың биіктігі, метр (әдепкі { $default })
cli-help-twin-import-block-order = блок мәндері ең жылдам өзгеретін ось
cli-help-twin-import-cutoff = тек осы мәнді және одан жоғары блоктарды сызу
cli-help-twin-bake = ойдан шығарылған кенішті жинау
cli-help-twin-bake-synthetic = параметрлер бойынша кеніш; файл берілмесе, кірістірілген параметрлер алынады
cli-help-twin-bake-triangles = үшбұрыштар саны, миллион, 0.5-тен 100-ге дейін
cli-help-twin-bake-replace = бар егізді ауыстыру
cli-help-twin-info = егізде не барын көрсету
cli-help-twin-validate = егізді тексеру
