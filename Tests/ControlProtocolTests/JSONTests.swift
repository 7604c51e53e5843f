import Bytes
import ModuleKit
import Testing

@testable import ControlProtocol

@Suite("JSON (RFC 8259)")
struct JSONTests {
    private func read(_ text: String) throws -> RPCValue { try JSONReader.value(Array(text.utf8)) }
    private func reason(_ text: String) -> JSONError.Reason? {
        do throws(JSONError) { _ = try JSONReader.value(Array(text.utf8)) } catch { return error.reason }
        return nil
    }
    private func written(_ text: String) throws -> String { JSONWriter.text(try self.read(text)).string }

    @Test func `members keep their order, and a name may repeat`() throws {
        #expect(
            try self.read(#" { "b" : 1 , "a":[true,false,null], "b":{} } "#)
                == .structure([
                    .init("b", .int(1)), .init("a", .array([.int(1), .int(0), .null])), .init("b", .structure([])),
                ]))
    }

    @Test func `numbers are ints when they are whole, however they are written`() throws {
        #expect(
            try self.read("[0,-7,1.0,1e2,1.5,9223372036854775807,1e20,-0.25]")
                == .array([
                    .int(0), .int(-7), .int(1), .int(100), .double(1.5), .int(.max), .double(1e20), .double(-0.25),
                ]))
        for bad in ["1e400", "-", "1.2.3", "1e", "--1", "0x10"] { #expect(self.reason("[\(bad)]") != nil, "\(bad)") }
    }

    @Test func `escapes are undone, and half a pair of surrogates is a replacement`() throws {
        #expect(try self.read(#""a\n\t\"\\\/\u00e9\ud83d\ude00\b\q""#) == .string("a\n\t\"\\/é😀\u{8}q"))
        #expect(try self.read(#""\ud83dx""#) == .string("\u{fffd}x"))
        #expect(try self.read(#""\ude00\ud83d\u0041""#) == .string("\u{fffd}\u{fffd}A"))
        #expect(try self.read("\"a\nb\u{0}\"") == .string("a\nb\u{0}"))
        #expect(self.reason(#""\u12g4""#) == .badEscape)
        #expect(self.reason(#""\u+123""#) == .badEscape)
    }

    @Test func `an error says what was expected, and where`() throws {
        #expect(self.reason("") == .incomplete)
        #expect(self.reason(#"{"a":1"#) == .incomplete)
        #expect(self.reason(#"{"a" 1}"#) == .noColon)
        #expect(self.reason("{a:1}") == .noName)
        #expect(self.reason("[1 2]") == .noComma)
        #expect(self.reason("[1,]") == .noValue)
        #expect(self.reason("nul") == .noValue)
        let error = #expect(throws: JSONError.self) { try self.read("[1 2]") }
        #expect(error?.description == "a comma or the end of the list is expected (byte 4)")
    }

    @Test func `size, depth and number of values are bounded`() {
        let deep = JSONReader.depthLimit
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(self.reason(nested(deep)) == nil)
        #expect(self.reason(nested(deep + 1)) == .tooDeep)
        #expect(self.reason(String(repeating: "[", count: 200_000)) == .tooDeep)
        #expect(self.reason("[\(String(repeating: "0,", count: JSONReader.valueLimit - 2))0]") == nil)
        #expect(self.reason("[\(String(repeating: "0,", count: JSONReader.valueLimit - 1))0]") == .tooManyValues)
        #expect(self.reason("\"\(String(repeating: "x", count: JSONReader.byteLimit))\"") == .tooLarge)
    }

    @Test func `what is written is read to the same`() throws {
        for text in [
            #"{"a":[1,-2.5,"x\"\\\n\u0001\u007f",null,{}],"b":"é😀","b":[]}"#, "\"\"", "[[[[]]]]", "1e+20", "5e-324",
        ] {
            let once = try self.written(text)
            #expect(try self.written(once) == once)
            #expect(try self.read(once) == self.read(text))
        }
        #expect(JSONWriter.text(.text(ByteString([0x61, 0xff, 0x62]))).string == "\"a\u{fffd}b\"")
        #expect(JSONWriter.text(.array([.double(.nan), .double(-.infinity), .double(3)])).string == "[null,null,3]")
    }

    @Test func `set out, each depth has its tabs, and lists stay on a line`() {
        let value = RPCValue.structure([
            "a": .array([.int(1), .structure(["b": .structure([])])]), "c": .array([]),
        ])
        #expect(
            JSONWriter.text(value, isPretty: true).string
                == "{\n\t\"a\":\t[1, {\n\t\t\t\"b\":\t{\n\t\t\t}\n\t\t}],\n\t\"c\":\t[]\n}")
    }

    @Test func `a document is found in a stream wherever it is cut`() {
        let text = Array(" {\"a\":\"}\\\"{\",\"b\":[{}]}\n {\"c\":1}".utf8)
        for cut in 0...text.count {
            var framer = JSONFramer()
            let first = framer.frame(Array(text[..<cut]))
            // The first document is whole with its last bracket; blanks that are there already go with it.
            let end = text.firstIndex(of: 10).map { $0 } ?? 0
            if cut < end {
                #expect(first == .incomplete)
            } else {
                #expect(first == .document(min(max(cut, end), end + 2)))
            }
            if cut < end { #expect(framer.frame(text) == .document(end + 2)) }
        }
    }

    @Test func `what begins with anything but a bracket, or never ends, is no document`() {
        func frame(_ text: String) -> JSONFramer.Framing {
            var framer = JSONFramer()
            return framer.frame(Array(text.utf8))
        }
        #expect(frame("GET / HTTP/1.1\r\n") == .broken)
        #expect(frame("\"text\"") == .broken)
        #expect(frame("]") == .broken)
        #expect(frame("  \n") == .incomplete)
        #expect(frame("{\"" + String(repeating: "x", count: JSONReader.byteLimit)) == .broken)
    }
}
