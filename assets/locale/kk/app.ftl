# Қолданбаның бұйрықтары және кескіннің айналасындағы мәтіндер.

display-unknown = «{ $name }» дисплейі жоқ. Дисплейлер: { $known }.
display-no-gl = Бұл компьютерде кескін салынбайды: { $reason }. «kenish doctor» бұйрығын іске қосыңыз: не жетіспейтінін айтады.
display-no-picture = Графикалық драйверден кескін алынбады.
source-outside = { $path } егіздің файлы емес.
source-unreadable = { $path } жүктелмеді: { $reason }
source-lost = { $path } жүктелмеді: серверге қол жетпейді ({ $reason }).
source-unlike = { $path } файлы бүлінген күйде келді немесе басқа файлмен ауыстырылған.
source-changed = { $path } ашық тұрған егізден жаңарақ егізге тиесілі. Оны көру үшін қайта кіріңіз.
source-refused = { $path } енді берілмейді: сіз бөлмеден шығарылдыңыз.
source-unlisted = { $address } сервері егіздің қай файлдарын сақтауға болатынын айтпайды.
twin-fetching = { $name } жүктелуде, МБ
twin-fetched = { $name } енді осы компьютерде: { $files } файл, { $mb } МБ, оның { $fresh } МБ жаңа. Мекенжайы, аты мен рөлі бірдей «kenish join» оны серверсіз ашады.
twin-fetch-restricted = { $n } жабық қабат дискіде ешқашан сақталмайды: оған сервер керек.
twin-fetch-failed = { $n } файл алынбады. Пәрменді қайта іске қосыңыз: ол тоқтаған жерінен жалғастырады.
source-cache-small = Егіз { $needs } ГБ орын алады, ал кэшке { $has } ГБ рұқсат етілген: --cache-gb арқылы көбейтіңіз.

join-no-answer = { $address } жауап бермейді. Мекенжайды және сол жерде сервердің жұмыс істеп тұрғанын тексеріңіз.
join-offline = { $address } қолжетімсіз. Кеніш соңғы көрінген күйінде көрсетіледі; бөлме жауап берген бойда оған кіреміз.
join-measured = Кадр уақыты: p50 { $p50 } мс, p95 { $p95 } мс, p99 { $p99 } мс, ең ұзағы { $max } мс; қалып жасы (жіберілгеннен көрсетілгенге дейін), p95: { $age } мс.

bench-checkout-only = Өлшемдер бастапқы кодпен бірге беріледі; бұл орнатылымда олар жоқ.
bench-unknown = «{ $name }» өлшемі жоқ. Өлшемдер: { $known }.

demo-baking = Кеніш алғаш рет дайындалып жатыр
demo-baked = Кеніш { $folder } қалтасында дайын.
demo-visiting = Кенішті аралау
demo-done = Аралау аяқталды. Суреттер, жазба және көрсеткіштер { $folder } қалтасында (кадрлар: { $frames }).
demo-server-failed = Көрсетілім сервері іске қосылмады: { $reason }
demo-visitor-name = Қонақ
demo-companion-name = Айгерім
demo-companion-hello = Кенішке қош келдіңіз. Еңіспен негізгі зумпфқа түсіңіз: ондағы су қышқылданған.
demo-companion-hello-there = Сәлеметсіз бе! Мен осындамын, қасыңыздамын.

app-picture-not-saved = Сурет { $path } ішіне сақталмады: { $reason }
app-not-written = { $path } жазылмайды: { $reason }
view-stream-tiles = Тайлдар: { $drawn } көрсетілген, { $loaded } жадта
view-stream-levels = Деңгейлер бойынша: { $levels }
view-stream-error = Қате: { $error_px } пикс., үшбұрыштар: { $triangles }
view-stream-memory = Жад: { $budget } МБ-тан { $megabytes }
view-stream-queue = Кезек: { $pending }, жүктелмеген: { $failed }
view-stream-frame = Кадр: { $frame_ms } мс
view-stream-keys = V: деңгей бойынша түс, Esc: шығу
