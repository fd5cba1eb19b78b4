module digpod.example/reference/resolv

go 1.24
