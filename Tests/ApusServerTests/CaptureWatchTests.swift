import Testing

@testable import ApusServer

@Suite("Who captures packets")
struct CaptureWatchTests {
    private static let title = "sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n"

    @Test(arguments: [
        ("", false),
        (title, false),
        ("\(title)00000000d22b5aa4 3      3    0003   1     1 0      0      9207680\n", true),
        // A DHCP client asks for IP alone.
        ("\(title)00000000d22b5aa4 3      3    0800   2     1 0      0      17\n", false),
        ("\(title)a 3 3 0800 2 1 0 0 17\nb 3 3 0003 0 1 0 0 18", true),
        ("0003 0003 0003", false),
    ])
    func `a capture asks for every protocol`(sockets: String, isSeen: Bool) {
        #expect(CaptureWatch.showsCapture(sockets) == isSeen)
    }
}
