module digpod.test/pause

go 1.24
