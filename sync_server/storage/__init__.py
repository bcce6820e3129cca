"""What a server keeps on disk: the log of each room, its snapshots, and the server's secret."""
