import Bytes
import ModuleKit

/// How a line of the log becomes a JSON object: `log_engine_data`, or what follows the colon in `--log-engine=json:…`.
///
/// Each letter is an option. `M`, which has Kamailio leave out line ends at the end of messages, needs none here: they
/// are always left out.
struct JSONShape: Sendable, Equatable {
    /// `a`: the name of the program and a point stand before most names: `apus.level`.
    var prefixesNames = false
    /// `A`: with `a`, not before `message`.
    var sparesMessage = false
    /// `c`: there is a `callid`, empty where a line is about no message.
    var namesCalls = false
    /// `j`: a prefix or a message that begins with `{` is an object already; others become `{"text": …}`.
    var takesObjects = false
    /// `N`: no line end follows an object.
    var endsLines = true
    /// `p`: a prefix that begins with a comma is taken as members of the object, as it is.
    var takesMembers = false
    /// `U`: the fields and names of the Common Event Expression.
    var isCEE = false

    /// - Parameter letters: those that mean nothing are passed over.
    init(_ letters: String = "") {
        for letter in letters {
            switch letter {
            case "a": self.prefixesNames = true
            case "A": self.sparesMessage = true
            case "c": self.namesCalls = true
            case "j": self.takesObjects = true
            case "N": self.endsLines = false
            case "p": self.takesMembers = true
            case "U": self.isCEE = true
            default: break
            }
        }
    }

    /// - Parameter texts: those of the line among them.
    func append(
        _ line: LogLine, _ texts: Span<UInt8>, _ name: ByteString, _ processID: Int, to buffer: ByteBuffer
    ) {
        if self.isCEE { return self.appendEvent(line, texts, name, processID, to: buffer) }
        buffer.append(UInt8(ascii: "{"))
        self.appendName("time", name, isFirst: true, to: buffer)
        buffer.append(decimal: line.time)
        self.appendName("level", name, to: buffer)
        buffer.append(UInt8(ascii: "\""))
        buffer.append(line.level.label)
        buffer.append(UInt8(ascii: "\""))
        self.appendName("name", name, to: buffer)
        JSONText.append(name.span, to: buffer)
        self.appendName("pid", name, to: buffer)
        buffer.append(decimal: processID)
        if self.namesCalls {
            self.appendName("callid", name, to: buffer)
            JSONText.append(texts.extracting(line.callID.indices), to: buffer)
        }
        if self.takesMembers, line.prefix.count > 0, texts[line.prefix.lower] == UInt8(ascii: ",") {
            buffer.append(texts, line.prefix)
        } else if line.prefix.count > 0 {
            self.appendName("logprefix", name, to: buffer)
            self.append(texts.extracting(line.prefix.indices), to: buffer)
        }
        self.appendName("message", self.sparesMessage ? nil : name, to: buffer)
        self.append(texts.extracting(line.text.indices), to: buffer)
        buffer.append(UInt8(ascii: "}"))
    }

    private func appendName(
        _ field: StaticString, _ name: ByteString?, isFirst: Bool = false, to buffer: ByteBuffer
    ) {
        buffer.append(isFirst ? "\"" : ",\"")
        if self.prefixesNames, let name {
            buffer.append(name)
            buffer.append(UInt8(ascii: "."))
        }
        buffer.append(field)
        buffer.append("\":")
    }

    private func append(_ text: Span<UInt8>, to buffer: ByteBuffer) {
        guard self.takesObjects else { return JSONText.append(text, to: buffer) }
        if text.count > 1, text[0] == UInt8(ascii: "{"), text[text.count - 1] == UInt8(ascii: "}") {
            return buffer.append(text)
        }
        buffer.append("{\"text\":")
        JSONText.append(text, to: buffer)
        buffer.append(UInt8(ascii: "}"))
    }

    private func appendEvent(
        _ line: LogLine, _ texts: Span<UInt8>, _ name: ByteString, _ processID: Int, to buffer: ByteBuffer
    ) {
        buffer.append("{\"time\":\"")
        buffer.append(CalendarTime(seconds: line.time, isUTC: true).internet)
        buffer.append("\",\"proc\":{\"id\":\"")
        buffer.append(decimal: processID)
        buffer.append("\"},\"pri\":\"")
        buffer.append(line.level.label)
        buffer.append("\",\"subsys\":\"core\"")
        if self.namesCalls {
            buffer.append(",\"callid\":")
            JSONText.append(texts.extracting(line.callID.indices), to: buffer)
        }
        buffer.append(",\"msg\":")
        JSONText.append(
            (ByteString(texts, line.prefix) + ByteString(texts, line.text)).span, to: buffer)
        buffer.append(",\"pname\":")
        JSONText.append(name.span, to: buffer)
        buffer.append(",\"appname\":")
        JSONText.append(name.span, to: buffer)
        buffer.append(UInt8(ascii: "}"))
    }
}
