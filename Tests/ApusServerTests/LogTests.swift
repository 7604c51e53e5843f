import Bytes
import Glibc
import ModuleKit
import Testing

@testable import ApusServer

@Suite("Log")
struct LogTests {
    private struct Line {
        var text: ByteString
        var level = LogLevel.warning
        var prefix = ByteString()
        var callID = ByteString()
        var time = 1_700_000_000
    }

    private func line(_ text: String, _ level: LogLevel = .warning, prefix: String = "") -> Line {
        Line(text: ByteString(text), level: level, prefix: ByteString(prefix))
    }

    private func render(_ format: LogFormat, _ line: Line, isColored: Bool = false) -> String {
        // Others' texts lie in front of those of the line.
        let texts = ByteBuffer("before")
        let entry = LogLine(
            line.level, facility: nil, time: line.time, prefix: line.prefix.span, callID: line.callID.span,
            line.text.span, into: texts)
        let buffer = ByteBuffer(capacity: 64)
        var stamp = LogStamp()
        format.render(
            entry, of: texts.span, name: "apus", processID: 42, isColored: isColored, color: nil, stamp: &stamp,
            to: buffer)
        return ByteString(buffer.span).string
    }

    private var time: CalendarTime { CalendarTime(seconds: 1_700_000_000) }

    @Test func `a bare line is level, prefix and text without its line end`() {
        #expect(self.render(.bare, self.line("hello\r\n\n", prefix: "{INVITE} ")) == "WARNING: {INVITE} hello")
    }

    @Test func `a stamped line names time and process`() {
        #expect(self.render(.stamped, self.line("hello", .error)) == "\(self.time.sortable) apus[42]: ERROR: hello")
    }

    @Test func `a line for a terminal has the time of day only`() {
        #expect(self.render(.terminal, self.line("hello", .notice)) == "\(self.time.clock) NOTICE: hello")
    }

    @Test func `colours frame the line and stay out of syslog and JSON`() {
        #expect(self.render(.terminal, self.line("x"), isColored: true).hasPrefix("\u{1b}[33m"))
        #expect(self.render(.terminal, self.line("x"), isColored: true).hasSuffix("\u{1b}[0m"))
        #expect(!self.render(.bare, self.line("x"), isColored: true).contains("\u{1b}"))
        #expect(!self.render(.json(), self.line("x"), isColored: true).contains("\u{1b}"))
    }

    @Test(arguments: [
        ("two\r\n2026-11-24 07:05:09 apus[1]: ERROR: forged", "two\n\t2026-11-24 07:05:09 apus[1]: ERROR: forged"),
        ("\u{1b}]0;title\u{7}\u{1b}[2J", "\\x1b]0;title\\x07\\x1b[2J"),
        ("a\u{1b}[1;31mred\u{1b}[0m", "a\u{1b}[1;31mred\u{1b}[0m"),
        ("\u{1b}[", "\\x1b["), ("\u{1b}[1;1;1;1;1;1;1;1;1;1;1m", "\\x1b[1;1;1;1;1;1;1;1;1;1;1m"),
        ("tab\tü\u{7f}\rx", "tab\tü\\x7f\\x0dx"),
    ])
    func `what a message holds neither begins a line nor steers a terminal`(text: String, written: String) {
        #expect(self.render(.bare, self.line(text, .error)) == "ERROR: " + written)
    }

    @Test func `JSON escapes what has to be escaped`() {
        #expect(
            self.render(.json(), self.line("a \"b\" \\ \t\u{1}\nc\n", .info, prefix: "{x} "))
                == #"{"time":1700000000,"level":"INFO","name":"apus","pid":42,"logprefix":"{x} ","#
                + #""message":"a \"b\" \\ \t\u0001\nc"}"#)
    }

    @Test func `bytes that are no UTF-8 do not break JSON`() {
        let line = Line(text: ByteString([0x61, 0xff, 0x62]), level: .info)
        #expect(self.render(.json(), line).contains("\"message\":\"a\u{fffd}b\""))
    }

    private func json(_ letters: String, _ line: Line) -> String {
        self.render(.json(JSONShape(letters)), line)
    }

    @Test func `letters of log_engine_data shape the object`() {
        var line = self.line("{\"b\":1}\n", .info, prefix: ",\"a\":2")
        line.callID = "1@h"
        let head = #"{"time":1700000000,"level":"INFO","name":"apus","pid":42"#
        #expect(self.json("M", line) == head + #","logprefix":",\"a\":2","message":"{\"b\":1}"}"#)
        #expect(self.json("p", line) == head + #","a":2,"message":"{\"b\":1}"}"#)
        #expect(self.json("c", line).hasPrefix(head + #","callid":"1@h","logprefix""#))
        #expect(self.json("j", line) == head + #","logprefix":{"text":",\"a\":2"},"message":{"b":1}}"#)
        #expect(self.json("a", line).contains(#""apus.level":"INFO""#))
        #expect(self.json("a", line).contains(#""apus.message":"#))
        #expect(self.json("aA", line).contains(#","message":"#))
        #expect(
            self.json("Uc", line)
                == #"{"time":"2023-11-14T22:13:20Z","proc":{"id":"42"},"pri":"INFO","subsys":"core","callid":"1@h","#
                + #""msg":",\"a\":2{\"b\":1}","pname":"apus","appname":"apus"}"#)
    }

    @Test func `only with N no line end follows, and only with c lines name their call`() {
        func target(_ letters: String) -> LogTarget {
            LogTarget(place: .standardError, format: .json(JSONShape(letters)))
        }
        #expect(target("").endsLines && !target("N").endsLines)
        #expect(target("c").namesCalls && !target("").namesCalls)
        #expect(LogTarget(place: .standardError, format: .stamped).endsLines)
    }

    @Test func `syslog severities follow the levels`() {
        #expect(LogLevel.alert.severity == 1)
        #expect(LogLevel.error.severity == 3)
        #expect(LogLevel.debug.severity == 7)
    }

    // MARK: Writing

    private final class Collector: Sendable {
        let lines = Lock<[(severity: Int, facility: Int?, text: String)]>([])
        var texts: [String] { self.lines.withLock { $0.map(\.text) } }
        func take(_ severity: Int, _ facility: Int?, _ line: ByteBuffer) {
            let text = ByteString(line.span).string
            self.lines.withLock { $0.append((severity, facility, text)) }
        }
    }

    private func writer(_ collector: Collector, capacity: Int = 1 << 20, isHeld: Bool = false) -> LogWriter {
        LogWriter(
            target: LogTarget(place: .syslog(facility: 3), format: .bare), name: "apus", capacity: capacity,
            isHeld: isHeld, output: { collector.take($0, $1, $2) })
    }

    @Test func `before the start lines are written at once`() {
        let collector = Collector()
        let logger = Logger(level: 1, sink: self.writer(collector))
        logger.error("one")
        logger.info("not at this level")
        logger.write(.notice, facility: 17, "two")
        #expect(collector.texts == ["ERROR: one", "NOTICE: two"])
        #expect(collector.lines.withLock { $0.map(\.facility) } == [nil, 17])
        #expect(collector.lines.withLock { $0.map(\.severity) } == [3, 5])
    }

    @Test func `all lines are out when stop returns, in order`() {
        let collector = Collector()
        let writer = self.writer(collector)
        let logger = Logger(level: 0, sink: writer)
        writer.start()
        for number in 0..<1000 { logger.error("\(number)") }
        writer.stop()
        #expect(collector.texts == (0..<1000).map { "ERROR: \($0)" })
    }

    @Test func `lines past the capacity are dropped and counted`() {
        let collector = Collector()
        let writer = self.writer(collector, capacity: 200, isHeld: true)
        let logger = Logger(level: 0, sink: writer)
        for _ in 0..<10 { logger.error("0123456789") }
        writer.stop()
        let texts = collector.texts
        #expect(texts.count == 4)
        #expect(texts.prefix(3).allSatisfy { $0 == "ERROR: 0123456789" })
        #expect(texts.last == "WARNING: 7 log lines dropped: they came faster than they could be written")
    }

    @Test func `lines are gathered, and written by one call`() throws {
        var ends: [Int32] = [-1, -1]
        // Two descriptors go into the array.
        try #require(unsafe pipe(&ends) == 0)
        defer { ends.forEach { close($0) } }
        try #require(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0)
        let batch = LogBatch(LogLosses(), descriptor: ends[1])
        var taken = [UInt8](repeating: 0, count: 1024)
        batch.flush()
        for number in 1...3 { batch.add(ByteBuffer("line \(number)\n")) }
        // The array has room for what is asked for.
        #expect(unsafe read(ends[0], &taken, 1024) == -1)
        batch.flush()
        #expect(unsafe read(ends[0], &taken, 1024) == 21)
        #expect(String(decoding: taken.prefix(21), as: UTF8.self) == "line 1\nline 2\nline 3\n")
        // What is too much to keep is written at once.
        batch.add(ByteBuffer(String(repeating: "x", count: 65_536)))
        #expect(unsafe read(ends[0], &taken, 1024) == 1024)
    }

    @Test func `a control byte is seen wherever it stands`() {
        for place in 0..<40 {
            for byte: UInt8 in [1, 31, 127] {
                var text = [UInt8](repeating: UInt8(ascii: "a"), count: 40)
                text[place] = byte
                let out = ByteBuffer(capacity: 64)
                PlainText.append(text.span, to: out)
                #expect(out.count == 43)
            }
        }
        let plain = ByteBuffer(capacity: 64)
        PlainText.append(ByteString("no controls: tab\t, ümlaut, 0123456789").span, to: plain)
        #expect(ByteString(plain.span) == "no controls: tab\t, ümlaut, 0123456789")
    }

    private func write(_ line: String, to descriptor: Int32, _ losses: LogLosses) {
        let bytes = ByteBuffer(line)
        losses.write(bytes, ends: [bytes.count], to: descriptor)
    }

    @Test func `of lines that are written together those are counted that a full pipe did not take whole`() throws {
        var ends: [Int32] = [-1, -1]
        // Two descriptors go into the array.
        try #require(unsafe pipe(&ends) == 0)
        defer { ends.forEach { close($0) } }
        // One page (F_SETPIPE_SZ), and nobody reads.
        try #require(fcntl(ends[1], 1031, 4096) == 4096)
        try #require(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0)
        let losses = LogLosses()
        let line = String(repeating: "x", count: 999) + "\n"
        let lines = ByteBuffer(String(repeating: line, count: 7))
        losses.write(lines, ends: (1...7).map { $0 * 1000 }, to: ends[1])
        var told: [String] = []
        losses.report { told.append($0) }
        #expect(told == ["3 log lines lost, they could not be written: Resource temporarily unavailable"])
        // What came of the fifth line ends before the next one begins.
        var taken = [UInt8](repeating: 0, count: 8192)
        // The array has room for what is asked for.
        #expect(unsafe read(ends[0], &taken, 8192) == 4096)
        self.write("after\n", to: ends[1], losses)
        #expect(unsafe read(ends[0], &taken, 8192) == 7)
        #expect(String(decoding: taken.prefix(7), as: UTF8.self) == "\nafter\n")
        losses.report { told.append($0) }
        #expect(told.count == 1)
    }

    @Test func `lines that a full disk does not take are counted and told of when it has room again`() throws {
        // Writing to it fails as a full disk does.
        let full = unsafe open("/dev/full", O_WRONLY | O_CLOEXEC)
        try #require(full >= 0)
        defer { close(full) }
        let losses = LogLosses()
        for _ in 0..<3 { self.write("a line\n", to: full, losses) }
        // The report is lost too, and is not counted.
        losses.report { self.write("\($0)\n", to: full, losses) }
        self.write("one more\n", to: full, losses)
        var told: [String] = []
        losses.report { told.append($0) }
        #expect(told == ["4 log lines lost, they could not be written: No space left on device"])
        losses.report { told.append($0) }
        #expect(told.count == 1)
    }

    @Test func `a reader that is gone is no harm`() throws {
        SystemProcess.ignoreBrokenPipes()
        var ends: [Int32] = [-1, -1]
        // Two descriptors go into the array.
        try #require(unsafe pipe(&ends) == 0)
        close(ends[0])
        defer { close(ends[1]) }
        let losses = LogLosses()
        self.write("a line\n", to: ends[1], losses)
        var told = ""
        losses.report { told = $0 }
        #expect(told == "1 log lines lost, they could not be written: Broken pipe")
    }
}
