# `kenish ПӘРМЕН --help` не айтады. Терілетін сөздер (рөлдер, бірліктер, режимдер) аударылмайды.
cli-help-example = Мысал:
cli-help-arguments = Аргументтер
cli-help-options = Параметрлер
cli-help-commands = Пәрмендер
cli-help-help = осы анықтаманы көрсету
cli-help-refused = { $command }: { $reason }. Толығырақ: { $command } --help
cli-help-state = күй қалтасы (әдепкі: пайдаланушының деректер қалтасы)
cli-help-size = кескіннің ені мен биіктігі, пиксель (әдепкі { $default })
cli-help-cache = егіздердің файлдары сақталатын қалта (әдепкісі: пайдаланушының кэш қалтасы)
cli-help-cache-gb = барлық егіз бірге алатын орын, гигабайт (әдепкісі { $default })

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
cli-help-join-display = desktop: терезе; headset: OpenXR арқылы дулыға және терезе; simulator: бас пен екі қол пернетақта және тышқанмен; offscreen: терезесіз; auto: дулыға жауап берсе, сол, әйтпесе экран болса, терезе (әдепкі auto)
cli-help-join-xr-validate = OpenXR дулығаға жасалған әр шақыруды тексерсін (баяу; ақау туралы хабарлау үшін)
cli-help-join-at = көріністің шолу нүктесіне келу
cli-help-join-meet = қатысушымен бетпе-бет келу
cli-help-join-laser = ұдайы лазермен көрсетіп тұру
cli-help-join-seconds = осынша секундтан кейін шығып, өлшенгенді көрсету
cli-help-join-picture = соңғы кадрды сақтау

cli-help-bench = Kenish өнімділігін осы компьютерде өлшеу. NAME сөзінен кейінгінің бәрі өлшемге беріледі.
cli-help-bench-name = өлшем; бары: { $known }
cli-help-bench-quick = азырақ қайталау

cli-help-doctor = Бұл компьютерде не істейді және қалғанын қалай түзетуге болады.
cli-help-doctor-xr = OpenXR ортасы мен оның шлемі ұсынатынның бәрі.

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
cli-help-serve-flush-ms = қалыптарды осынша миллисекундта бір реттен жиі жібермеу (әдепкіде бірнеше адамға 5, жүз адамға 12, жүктеме кезінде көбірек)
cli-help-serve-max-members = бөлмеде болуы мүмкін адам саны (әдепкі { $default })
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
cli-help-serve-drain-seconds = тоқтарда қатысушыларға айтып, оларға осынша секунд беру (әдепкі { $default })
cli-help-serve-log-format = журнал жолдары text не json түрінде (әдепкі text)
cli-help-serve-log-level = debug, info, warning не error және одан жаманы (әдепкі warning)
cli-help-keep-entries = журналдың соңғы жазбаларының кемінде осыншасын сақтау (әдепкі 200000)
cli-help-keep-days = осынша күннің барлық журнал жазбаларын сақтау (әдепкі 365)

cli-help-token = Бір адамды бөлмеге бір рет, бірнеше минут ішінде кіргізетін билет беру.
cli-help-token-room = бөлме аты
cli-help-token-role = адамның бөлмедегі рөлі
cli-help-token-member = қатысушының бүркеншік нөмірі (әдепкі: жаңа)
cli-help-token-minutes = билет неше минут жарамды, ең көбі 5 (әдепкі { $default })

cli-help-room = Күй қалтасындағы бөлмелерге қарау: көрсету, шығарып алу, енгізу, жою, көшірме жасау, тығыздау.
cli-help-room-list = барлық бөлмені жазбалар мен командалар санымен көрсету
cli-help-room-export = бөлмені шығару: --out болса «room import» қабылдайтын бір файл, әйтпесе жазбалар мен командалар JSON түрінде
cli-help-room-delete = бөлмені барлық жазбасымен жою
cli-help-room-name = бөлме аты
cli-help-room-export-out = жазылатын файл (әдепкі: стандартты шығару)
cli-help-room-delete-yes = шынымен жою
cli-help-room-info = бір бөлмеде не барын көрсету
cli-help-room-import = «room export» жазған файлдан бөлме жасау; сол файл қайтадан ештеңені өзгертпейді
cli-help-room-import-file = оқылатын файл
cli-help-room-import-as = бөлменің басқа аты
cli-help-room-import-new-epoch = бөлменің жаңа өмірін бастау: ескісін білетін бағдарламалар бәрін қайта жүктейді
cli-help-room-backup = серверлер жұмыс істеп тұрғанда күй қалтасын не бір бөлмені көшіру; көшірме де күй қалтасы
cli-help-room-backup-name = тек осы бөлме (әдепкі: бәрі, адамдар мен құпия кілт те)
cli-help-room-backup-out = жасалатын не бос қалта
cli-help-room-compact = ешбір сервер ұстамаған бөлменің журналынан ескіні алып тастау; тірісі қалады

cli-help-people = Алаңның адамдар туралы білетініне қарау: аттар, келісімдер мен бағалар тек осында сақталады.
cli-help-people-list = мұнда болғандардың бәрін көрсету: аты, алаңы, қашан
cli-help-people-export = бір адам туралы сақталғанның бәрін JSON түрінде беру
cli-help-people-export-out = жазылатын файл (әдепкі: стандартты шығару)
cli-help-people-erase = бір адамды ұмыту: аты, келісімдері, бағалары
cli-help-people-erase-texts = бөлмелерде жазғанын да; оларды ешбір сервер ұстамауы керек
cli-help-people-forget = көптен бері келмегендердің бәрін ұмыту
cli-help-people-forget-older-than = соңғы келгеннен бергі күндер
cli-help-people-consent = адамның келіскенін не енді келіспейтінін белгілеу
cli-help-people-consent-kind = неге, мысалы «recording»
cli-help-people-consent-withdraw = келісім енді жүрмейді
cli-help-people-member = адамның бүркеншік нөмірі, «people list» көрсеткендей

cli-help-twin = Кеніш файлдарын егізге импорттау, ойдан шығарылған кенішті жинау, егіздерді тексеру.
cli-help-twin-folder = егіз қалтасы
cli-help-twin-fetch = байланыссыз жерде жұмыс істеу үшін серверден егізді осы дискіге сақтау
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
cli-help-twin-import-access = кімге көрінеді: барлығына, оқушылардан бастап немесе инженерлерден бастап
cli-help-twin-bake = егіз қабаттарының жетіспейтін детальдық деңгейлерін жасау немесе ойдан шығарылған кенішті құру
cli-help-twin-bake-twin = егіздің папкасы; тоқтатылған дайындау сол жерінен жалғасады
cli-help-twin-bake-reconstruct = осы қабаттың нүктелеріне бет салу, жаңа қабат ретінде (Open3D керек)
cli-help-twin-bake-again = дайын қабаттарды да қайта дайындау
cli-help-twin-bake-dask = Dask жоспарлағышының мекенжайы (ТОРАП:ПОРТ): егізді сол қалтада көретін орындаушыларда есептеу
cli-help-twin-bake-synthetic = параметрлер бойынша кеніш; файл берілмесе, кірістірілген параметрлер алынады
cli-help-twin-bake-triangles = үшбұрыштар саны, миллион, 0.5-тен 100-ге дейін
cli-help-twin-bake-replace = бар егізді ауыстыру
cli-help-twin-add-layer = басқалар жасаған тайлдар жинағын (3D Tiles) сол күйінде қабат етіп қосу
cli-help-twin-add-layer-tileset = оның tileset.json файлы, сол файлдың бумасы немесе мұрағат (.3tz)
cli-help-twin-add-layer-id = қабаттың аты (әдепкісі: жинақ бумасының аты)
cli-help-twin-add-layer-kind = қабат нені көрсетеді
cli-help-twin-add-layer-access = кім көре алады: барлығы, тағылымдамашылар мен жоғары немесе инженерлер мен жоғары
cli-help-twin-add-layer-at = жинақтың ортасы маркшейдерлік тордың қай жерінде, метрмен
cli-help-twin-add-layer-replace = аты бірдей қабатты ауыстыру
cli-help-twin-info = егізде не барын көрсету
cli-help-twin-validate = егізді тексеру

cli-help-replay =
    Жазбаны бөлме ретінде көрсету: адамдар "kenish serve" кезіндегідей кіріп, жазылғанды көреді. Инженерлер
    және одан жоғарылар басқарады (ойнату, кідірту, жылжыту, жылдамдық). Ештеңе сақталмайды.
cli-help-replay-file = жазба, MCAP файлы
cli-help-replay-twin = егіздің қалтасы (әдепкісі — жазылғаны, егер ол осында, файлдың жанында не бірге жеткізілген болса)
cli-help-replay-speed = секундына жазбаның неше секунды, 0.1-ден 16-ға дейін (әдепкісі { $default })
cli-help-replay-from = жазбаның басынан осынша секундтан кейін бастау
cli-help-replay-loop = соңында басынан бастау
cli-help-replay-open = осы рөлді және одан төмендерді кіргізу: { $roles } (әдепкісі observer)

cli-help-bots =
    Көп жеңіл қатысушы бөлмеде жүріп, не алғанын, оның қаншалықты ескіргенін және сервер қанша уақытта
    жауап бергенін JSON түрінде хабарлайды. Ctrl-C есеппен аяқтайды.
cli-help-bots-n = қанша қатысушы
cli-help-bots-address = бөлменің адресі
cli-help-bots-rate = әр қатысушының секундына қалып саны (әдепкісі { $default })
cli-help-bots-seconds = қанша уақыт (әдепкісі — Ctrl-C басылғанша)
cli-help-bots-commands = әр қатысушының секундына командалары: белгілер, хабарлар, өшірулер (әдепкісі { $default })
cli-help-bots-churn = қатысушылар кездейсоқ кетеді, байланысын жоғалтады және оралады, әрқайсысы шамамен осынша секунд сайын (әдепкісі { $default })
cli-help-bots-role = қатысушылардың рөлі (әдепкісі { $default })
cli-help-bots-ticket-file = билеттер, жолына біреуден, әр қатысушыға біреуден
cli-help-twin-view = егізді бөлмесіз, жүктелу көрсеткіштерімен қарау
cli-help-twin-view-out = терезе ашпай, сурет түсіру
cli-help-twin-view-levels = тайлдарды деңгейі бойынша бояу
