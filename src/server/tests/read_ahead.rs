use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use crate::server::read_ahead::ReadAhead;

async fn pair() -> (TcpStream, ReadAhead) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a socket");
    let peer = TcpStream::connect(listener.local_addr().expect("an address")).await.expect("a connection");
    let (stream, _) = listener.accept().await.expect("a connection");
    (peer, ReadAhead::new(stream))
}

/// More than is read at once, asked for in small and in large pieces.
#[tokio::test]
async fn what_comes_is_read_in_order_to_its_end() {
    let sent: Vec<u8> = (0..100_000_u32).map(|number| number.to_le_bytes()[0] ^ number.to_le_bytes()[1]).collect();
    for size in [1, 4096, 5000, 50_000] {
        let (mut peer, mut ahead) = pair().await;
        let sending = sent.clone();
        let sender = tokio::spawn(async move { peer.write_all(&sending).await });
        let mut piece = vec![0; size];
        let mut read = Vec::new();
        loop {
            match ahead.read(&mut piece).await.expect("a piece") {
                0 => break,
                length => read.extend_from_slice(&piece[..length]),
            }
        }
        sender.await.expect("no panic").expect("it is sent");
        assert!(read == sent, "by {size}");
        assert_eq!(ahead.read(&mut piece).await.expect("the end stays the end"), 0);
    }
}
