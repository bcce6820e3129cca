# Егіздер мен импорт. Файл аттары, сандар және формат терминдері аргумент болып келеді.

scene-not-yaml = { $file }: YAML ретінде оқылмайды ({ $line }-жол).
scene-invalid = { $file }: { $key } қате: { $reason }
scene-no-twin = { $folder } — егіз емес: қалтада scene.yaml жоқ.
scene-too-large = { $file } { $limit } МБ-тан үлкен.
scene-unreadable = { $file } оқылмады: { $reason }
tileset-broken = { $file }: тайлдар жинағы оқылмайды: { $reason }
tile-broken = { $file }: тайл оқылмайды: { $reason }
tile-extension = { $file }: Kenish оқымайтын glTF кеңейтімдері керек: { $extensions }.
tile-package = { $file }: { $package } пакетінсіз оқылмайды (қалай орнатуды kenish doctor айтады).
walk-broken = { $file }: жүру беті оқылмайды: { $reason } bake немесе import командасын қайта орындаңыз.
bake-empty-layer = { $layer } қабатында сызатын ештеңе жоқ.

scenes-baking = { $name } дайындалуда
scenes-bake-stopped = Тоқтатылды. { $folder } егізі бүтін: әр қабат не бұрынғы, не жаңа күйінде. Сол пәрмен осы жерден жалғастырады.
scenes-bake-done = Дайын: { $folder }; қабат { $layers }, тайл { $tiles }, үшбұрыш { $triangles }, { $megabytes } МБ.
scenes-no-points = { $layer } деген нүктелер қабаты жоқ.
scenes-needs-open3d = Нүктелерге бет салу үшін Open3D керек, ол орнатылмаған (Python 3.13 үшін дайын бумасы жоқ). { $extra } орнатыңыз.
scenes-bake-what = Не дайындау керегін көрсетіңіз: егіздің папкасы немесе --synthetic.
scenes-bake-out = Ойдан шығарылған кеніш қайда жазылатынын көрсетіңіз: --out TWIN.
scenes-bake-dask-twin = --dask дайын егізбен жұмыс істейді: kenish twin bake TWIN --dask ADDRESS
scenes-dask-missing = --dask үшін «distributed» бумасы керек. kenish[dask] орнатыңыз.
scenes-dask-silent = { $address } мекенжайында Dask жоспарлағышы жауап бермейді: { $reason }
scenes-dask-no-workers = { $address } Dask кластерінде орындаушылар жоқ.
scenes-dask-worker = Dask орындаушысында { $worker } Kenish жоқ немесе ол { $folder } қалтасын көрмейді. { $reason }
scenes-dask-lost = Өңдеу кезінде { $address } мекенжайындағы Dask кластерімен байланыс үзілді ({ $reason }). Егіз бүтін; сол пәрмен осы жерден жалғастырады.
scenes-twin-exists = { $folder } — бұрыннан бар егіз. Қайта жасау үшін --replace қосыңыз.
scenes-imported = { $file }: { $format }, { $layers } болып жүктелді
scenes-count-triangles = үшбұрыш: { $count }
scenes-count-points = нүкте: { $count }
scenes-count-lines = кесінді: { $count }
scenes-count-nodes = түсіру нүктесі: { $count }
scenes-count-blocks = блок: { $count }
scenes-bounds = {"  "}шекаралары: x { $x }, y { $y }, z { $z }
scenes-frame = {"  "}бірліктер: { $units }; осьтер: { $axes }; координаттар жүйесі: { $crs }
scenes-guess = {"  "}болжам: { $text } (өзгерту: { $option })
scenes-repair = {"  "}түзетілді: { $text }
scenes-warning = {"  "}назар аударыңыз: { $text }
scenes-import-done = { $folder }: { $count ->
    [one] { $count } файл жүктелді.
   *[other] { $count } файл жүктелді.
}
scenes-import-refused = { $total } файлдың { $count } қабылданбады.
scenes-info = { $name }: координаттар жүйесі { $crs }, бастауы { $origin }
scenes-info-layer = { $id }: { $kind }, { $content }, тайл { $tiles }, үшбұрыш { $triangles }, нүкте { $points }, { $megabytes } МБ
scenes-info-levels = {"  "}деңгейлер бойынша тайлдар, ең ірісінен бастап: { $levels }; ең үлкені — { $kilobytes } кБ
scenes-info-rest = орын { $places }, көрініс нүктесі { $viewpoints }, датчик { $sensors }
scenes-valid = { $folder } — жарамды егіз.
scenes-not-valid = { $folder }: { $count ->
    [one] { $count } қате.
   *[other] { $count } қате.
}
scenes-missing = { $layer } қабаты: { $file } файлы жоқ.
scenes-outside = { $layer } қабаты: { $file } егіз қалтасынан тыс жерге сілтейді.
scenes-no-such-id = { $owner }: { $key } жоқ нәрсені атайды: { $id }.
scenes-no-walk = { $folder } ішінде жүру беті жоқ: тұратын жер жоқ. bake немесе import командасын қайта орындаңыз.

import-one-name = --name бір файлға арналған, ал { $count } файл берілді.
import-out-occupied = { $folder } бар, бірақ ол егіз емес. --out үшін басқа қалта таңдаңыз.
import-layer-exists = { $file }: егізде { $layer } қабаты бар. --replace қосыңыз немесе --name арқылы басқа ат беріңіз.
import-layer-twice = { $file }: осы импорттағы алдыңғы файл { $layer } қабаты болды. Оны --name арқылы бөлек жүктеңіз.

import-no-file = { $file }: мұндай файл жоқ.
import-unreadable = { $file } оқылмады: { $reason }
import-no-bytes = { $file } бос.
import-no-library = { $file }: оқу үшін Python-ның { $name } бумасы керек. kenish[bake] орнатыңыз.
import-no-memory = { $file } жадтан көп орын сұрайды немесе тым терең қабаттасқан.
import-too-large = { $file }: { $megabytes } МБ, шек { $limit } МБ. Бөліп шығарыңыз.
import-too-many = { $file }: { $count } элемент, шек { $limit }. Бөліп шығарыңыз.
import-inflates = { $file }: { $what } ашылғанда { $limit } МБ-тан асады.
import-cut-short = { $file } кесілген немесе бүлінген: { $expected } күтілді, { $found } бар. Қайта көшіріңіз немесе шығарыңыз.
import-damaged = { $file } бүлінген немесе атына сай емес: { $detail }. Қайта шығарыңыз.
import-bad-index = { $file }: { $what } жоқ нүктелерге сілтейді (барлығы { $vertices }). Файлды қайта көшіріңіз немесе шығарыңыз.
import-nothing-in-it = { $file } ішінде көрсететін геометрия жоқ.
import-nothing-left = { $file }: жарамсыз геометрия (ауданы жоқ, координаты сан емес) алынған соң ештеңе қалмады.
import-too-far = { $file }: координаттар { $limit } м-ден асады. Бірліктерді (--units) тексеріңіз немесе файлды қайта шығарыңыз.
import-version = { $file }: бұл { $version }; Kenish { $known } оқиды. Сол нұсқада шығарыңыз.
import-unknown-format = { $file }: { $suffix } файлдары оқылмайды. Мына форматтардың бірінде шығарыңыз: { $known }.
import-xml-doctype = { $file }: құжат түрі жарияланған XML қабылданбайды. Онсыз шығарыңыз.
import-x-up = { $file }: тік ось ретінде x жарияланған. z жоғары болатындай шығарыңыз.
import-ply-strips = { $file }: үшбұрыш жолақтары оқылмайды. Кәдімгі жақтармен шығарыңыз.
import-gltf-extension = { $file } файлына glTF-тің { $name } кеңейтімі керек, ол оқылмайды. Сығусыз шығарыңыз.
import-missing-companion = { $file } { $name } файлына сілтейді, бірақ ол жанында жоқ. Екеуін бір қалтаға салыңыз немесе .glb шығарыңыз.
import-extended = { $file } — жайылған қима, кеңістіктегі түсіріс емес. Түсірістің өзін шығарыңыз.
import-no-legs = { $file } ішінде жерасты түсіріс жүрістері жоқ.
import-omf-beta = { $file } — OMF 2-нің алдын ала нұсқасы, оны енді ешкім жазбайды. OMF 1 немесе OMF 2 шығарыңыз.
import-bad-option = { $file }: блоктардың { $name } белгісі жоқ; бары: { $known }.

import-use-deswik = { $file }: { $suffix } — Deswik файлы, оны тек Deswik оқиды. Deswik.CAD-тан OMF немесе OBJ шығарыңыз.
import-use-vulcan = { $file }: { $suffix } — Maptek Vulcan файлы, оны тек Vulcan оқиды. Vulcan-нан OMF немесе OBJ шығарыңыз.
import-use-datamine = { $file }: { $suffix } — Datamine файлы, оны тек Datamine оқиды. Studio-дан OMF немесе OBJ шығарыңыз.
import-use-leapfrog = { $file }: { $suffix } — Leapfrog файлы, оны тек Leapfrog оқиды. Leapfrog-тан OMF немесе OBJ шығарыңыз.
import-use-surpac = { $file }: Surpac { $suffix } файлдары әзірге оқылмайды. Surpac-тан OMF немесе OBJ шығарыңыз.
import-use-cad = { $file }: { $suffix } файлдары әзірге оқылмайды. Сызба бағдарламасынан OBJ, STL немесе glTF шығарыңыз.
import-use-model = { $file }: { $suffix } файлдары оқылмайды. Модельдеу бағдарламасынан glTF (.glb) немесе OBJ шығарыңыз.
import-use-cloud = { $file }: { $suffix } нүктелер бұлты әзірге оқылмайды. PLY шығарыңыз, мысалы CloudCompare-ден.
import-use-terrain = { $file }: { $suffix } жер бедері торлары әзірге оқылмайды. Бедерді OBJ немесе PLY етіп шығарыңыз.
import-use-survex = { $file }: { $suffix } — түсірістің бастапқы деректері. Survex (cavern) немесе Therion арқылы өңдеп, .3d файлын жүктеңіз.
import-use-unpacked = { $file }: мұрағаттар оқылмайды. Ашып, ішіндегі файлдарды жүктеңіз.

import-guess-metres = метр: файлда бірлік көрсетілмеген, ал { $extent } өлшемі метрмен берілген кенішке сай.
import-guess-millimetres = миллиметр: { $extent } өлшемі метрмен берілген кеніш үшін тым үлкен.
import-guess-up-z = z жоғары: файлда айтылмаған; өлшемдері { $x }, { $y }, { $z }.
import-guess-up-y = y жоғары: файлда айтылмаған, ал y қалғандарынан әлдеқайда қысқа: { $x }, { $y }, { $z }.
import-guess-up-z-not-y = z жоғары, файлда y жарияланса да: өлшемдері { $x }, { $y }, { $z }, ал кеніштің ені биіктігінен үлкен; беттің { $share } %-ы z бойымен қараған.
import-guess-up-y-not-z = y жоғары, файлда z жарияланса да: өлшемдері { $x }, { $y }, { $z }, беттің { $share } %-ы ғана z бойымен қараған.
import-guess-crs = жергілікті тор: файлда координаттар жүйесі аталмаған.
import-guess-drift-size = қазба қимасы: { $measured } нүктеде қабырғалар өлшенген, { $shots } нүктеде қабырғаға дейінгі өлшемдер бар, { $default } нүктеде екеуі де жоқ, оларға { $width } x { $height } м.
import-guess-block-order = блок мәндері { $order } бойымен ең жылдам өзгереді: сонда бай блоктардың { $faces } жағы көрінеді, басқа ретте { $other }; кен бірге жатады.
import-guess-block-order-tied = блок мәндері u бойымен ең жылдам өзгереді деп алынды, көп бағдарлама осылай жазады: екі рет те сай келеді.
import-guess-blocks-solid = { $name } мәні «{ $label }» болатын блоктар сызылмайды; { $drawn } сызылды.
import-guess-blocks-all = барлық блок сызылды, түсі { $name } бойынша.

import-repair-not-finite = координаты сан емес { $count } нүкте алынды.
import-repair-degenerate = өлшемі жоқ { $count } үшбұрыш немесе кесінді алынды.
import-repair-duplicate = қайталанған { $count } үшбұрыш алынды.
import-repair-welded = орны бірдей { $count } төбе біріктірілді.
import-repair-legs = түсіріс жүрістері қалдырылды: қабырғаға дейінгі { $splay }, жер бетіндегі { $surface }, қайталанған { $duplicate }, ұзындығы жоқ { $zero }, бір километрден ұзын { $long }.

import-warning-trailing = Деректер соңынан кейінгі { $bytes } байт ескерілмеді.
import-warning-no-newline = Соңғы жолдың соңы жоқ: файл кесілген болуы мүмкін.
import-warning-last-line = Соңғы жол толық емес, ескерілмеді: файл кесілген.
import-warning-missing-vertices = { $count } үшбұрыш жоқ нүктелерге сілтейді, олар қалдырылды: файл кесілген болуы мүмкін.
import-warning-no-faces = Тек нүктелер, жақтар жоқ: файл кесілген болуы мүмкін.
import-warning-picture = { $name } суреті жоқ немесе оқылмайды; беттер қарапайым түсін сақтайды.
import-warning-textures = Беттегі суреттер (текстуралар) қалдырылды; қарапайым түстер сақталды.
import-warning-left-out = Қалдырылды: { $what }.
import-warning-crs = Файлдың { $file_crs } координаттар жүйесі егіздікі ({ $crs }) емес; қайта есептеу болмады.
import-warning-far = Геометрия егіздің бастауынан { $kilometres } км-ге дейін барады: ондағы орындар дөрекі. Оны бөлек егізге жүктеңіз.

add-layer-copying = { $name } көшірілуде
add-layer-done = { $folder }: { $layer } қабаты қосылды, файл саны: { $files }, { $megabytes } МБ. Оның үстінде тұруға болмайды; ол қайта құрылмайды.
add-layer-placed-crs = Егіздің координаталар жүйесі бойынша орналастырылды; биіктіктер эллипсоидтан есептеледі.
add-layer-placed-east-north-up = Егізде координаталар жүйесі жоқ: тайлдар жинағының ортасы сахнаның нөлінде, өз шығысы, солтүстігі мен жоғарысы сақталды. Өзгерту: --at EAST NORTH UP
add-layer-placed-survey = Координаталары маркшейдерлік тор координаталары деп алынды. Өзгерту: --at EAST NORTH UP
add-layer-placed-scene = Координаталары сахна координаталары деп алынды. Өзгерту: --at EAST NORTH UP
add-layer-placed-given = Ортасы --at көрсеткен жерге қойылды.
add-layer-crs = Тайлдар жинағын { $crs } бойынша орналастыру мүмкін емес: { $reason }. Ортасы қайда екенін көрсетіңіз: --at EAST NORTH UP
add-layer-no-pyproj = Тайлдар жинағын { $crs } бойынша орналастыру үшін pyproj пакеті керек. Оны орнатыңыз немесе ортасын көрсетіңіз: --at EAST NORTH UP
add-layer-id = { $id } қабат аты бола алмайды: кіші латын әріптері, цифрлар, нүктелер мен сызықшалар.
add-layer-disk = Диск толуға жақын: { $megabytes } МБ көшіріліп, қайта өшірілді.
import-use-add-layer = { $suffix } — тайлдар жинағы: оны kenish twin add-layer TWIN TILESET командасымен қабат ретінде қосыңыз.
