# Commands of the application and what stands around the picture.

display-unknown = There is no display "{ $name }". Displays: { $known }.
display-no-gl = No picture can be drawn on this machine: { $reason }. Run "kenish doctor": it tells what is missing.
display-no-picture = The picture could not be read back from the graphics driver.
source-outside = { $path } is not a file of the twin.
source-unreadable = { $path } could not be loaded: { $reason }
source-lost = { $path } could not be loaded: the server cannot be reached ({ $reason }).
source-unlike = { $path } came damaged, or is another file by now.
source-changed = { $path } belongs to a newer twin than the one that is open. Join again to see it.
source-refused = { $path } is not given any more: the room has sent you away.
source-unlisted = The server at { $address } does not say which files of the twin may be kept.
twin-fetching = Fetching { $name }, MB
twin-fetched = { $name } is on this machine: { $files } files, { $mb } MB, { $fresh } MB of them new. "kenish join" with the same address, name and role opens it without the server.
twin-fetch-restricted = { $n ->
    [one] { $n } restricted layer is never kept on a disk: it needs the server.
   *[other] { $n } restricted layers are never kept on a disk: they need the server.
  }
twin-fetch-failed = { $n ->
    [one] { $n } file could not be fetched. Run the command again: it goes on where it was.
   *[other] { $n } files could not be fetched. Run the command again: it goes on where it was.
  }
source-cache-small = The twin takes { $needs } GB, and the cache may take { $has }: give more with --cache-gb.

join-no-answer = { $address } does not answer. Check the address, and that the server runs there.
join-offline = { $address } cannot be reached. The mine is shown as it was seen last; the room is joined as soon as it answers.
join-measured = Frame times: p50 { $p50 } ms, p95 { $p95 } ms, p99 { $p99 } ms, longest { $max } ms; pose age (sent to shown), p95: { $age } ms.

bench-checkout-only = Benchmarks are part of a checkout of the source; this installation has none.
bench-unknown = There is no benchmark "{ $name }". Benchmarks: { $known }.

demo-baking = Making the mine for the first time
demo-baked = The mine is ready in { $folder }.
demo-visiting = Visiting the mine
demo-done = Visited. Pictures, recording and figures are in { $folder } ({ $frames } frames).
demo-server-failed = The server of the demonstration did not start: { $reason }
demo-visitor-name = Visitor
demo-companion-name = Aigerim
demo-companion-hello = Welcome to the mine. Follow the decline down to the main sump: the water there has turned acid.
demo-companion-hello-there = Hello! I am here with you.

app-picture-not-saved = The picture could not be saved in { $path }: { $reason }
app-not-written = { $path } cannot be written: { $reason }
view-stream-tiles = Tiles: { $drawn } drawn, { $loaded } in memory
view-stream-levels = By level: { $levels }
view-stream-error = Error: { $error_px } px, { $triangles } triangles, { $points } points
view-stream-memory = Memory: { $megabytes } of { $budget } MB
view-stream-queue = Queue: { $pending }, failed: { $failed }
view-stream-frame = Frame: { $frame_ms } ms
view-stream-keys = V: colour by level, Esc: end

headset-no-runtime = No headset runtime (OpenXR) is running: this is the view on the desktop. As soon as there is one, the headset takes over.
headset-no-headset = No headset is connected: this is the view on the desktop. Connect one or put it on, and it takes over.
headset-refused = The headset cannot be used ({ $reason }): this is the view on the desktop.
headset-exited = The headset asked us to leave: this is the view on the desktop. You are still in the room.
headset-lost = The headset is gone: this is the view on the desktop until it is back. You are still in the room.
headset-back = The headset is back.
headset-no-surroundings = This headset cannot show the room around you.
