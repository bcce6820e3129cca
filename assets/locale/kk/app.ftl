# Қолданбаның бұйрықтары және кескіннің айналасындағы мәтіндер.

display-unknown = «{ $name }» дисплейі жоқ. Дисплейлер: { $known }.
display-no-gl = Бұл компьютерде кескін салынбайды: { $reason }. «kenish doctor» бұйрығын іске қосыңыз: не жетіспейтінін айтады.
display-no-picture = Графикалық драйверден кескін алынбады.
source-outside = { $path } егіздің файлы емес.
source-unreadable = { $path } жүктелмеді: { $reason }

join-no-answer = { $address } жауап бермейді. Мекенжайды және сол жерде сервердің жұмыс істеп тұрғанын тексеріңіз.
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
