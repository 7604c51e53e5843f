/// Header values that have been parsed since the last `parse()`; only those named in `known` are meant.
struct ValueCache: BitwiseCopyable {
    struct Known: OptionSet, BitwiseCopyable {
        var rawValue: UInt16
        static var topVia: Known { Known(rawValue: 1) }
        static var from: Known { Known(rawValue: 2) }
        static var to: Known { Known(rawValue: 4) }
        static var cSeq: Known { Known(rawValue: 8) }
        static var requestURI: Known { Known(rawValue: 16) }
        static var fromURI: Known { Known(rawValue: 32) }
        static var toURI: Known { Known(rawValue: 64) }
        static var contentLength: Known { Known(rawValue: 128) }
        static var topRoute: Known { Known(rawValue: 256) }
        static var firstContact: Known { Known(rawValue: 512) }
    }

    var known: Known = []
    /// Of the URIs that are known, those that could be taken apart.
    var proper: Known = []
    var topVia = Via()
    var from = NameAddress()
    var to = NameAddress()
    var topRoute = NameAddress()
    var firstContact = NameAddress()
    var cSeq = CSeq()
    var contentLength = -1
    var requestURI = SIPURI()
    var fromURI = SIPURI()
    var toURI = SIPURI()
}
