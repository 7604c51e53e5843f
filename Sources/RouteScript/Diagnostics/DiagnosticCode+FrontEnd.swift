// Codes are for ever: a number that was given away is never given to something else.

extension DiagnosticCode {
    // Preprocessor and lexer.
    public static let cannotReadFile = DiagnosticCode("E0101", "file cannot be read")
    public static let includeTooDeep = DiagnosticCode("E0102", "includes are nested too deeply")
    public static let malformedDirective = DiagnosticCode("E0103", "malformed preprocessor directive")
    public static let duplicateDefine = DiagnosticCode("E0104", "name is already defined")
    public static let unknownDefine = DiagnosticCode("E0105", "name is not defined")
    public static let recursiveDefine = DiagnosticCode("E0106", "define refers to itself")
    public static let expansionLimit = DiagnosticCode("E0107", "too much text comes from defines")
    public static let unbalancedConditional = DiagnosticCode("E0108", "unbalanced #!ifdef, #!else or #!endif")
    public static let conditionalTooDeep = DiagnosticCode("E0109", "conditionals are nested too deeply")
    public static let badSubstitution = DiagnosticCode("E0110", "bad substitution")
    public static let unsetEnvironment = DiagnosticCode("E0111", "environment variable is not set")
    public static let tooManyDefines = DiagnosticCode("E0112", "too many defines")
    public static let unterminatedString = DiagnosticCode("E0113", "string has no end")
    public static let unterminatedComment = DiagnosticCode("E0114", "comment has no end")
    public static let malformedVariable = DiagnosticCode("E0115", "malformed variable")
    public static let malformedNumber = DiagnosticCode("E0116", "malformed or too large number")
    public static let unexpectedByte = DiagnosticCode("E0117", "byte that no token begins with")
    public static let inputTooLarge = DiagnosticCode("E0118", "configuration is too large")
    public static let unknownDirective = DiagnosticCode("W0101", "unknown directive is read as a comment")
    public static let commentHidesText = DiagnosticCode("W0102", "comment in the value of a define hides text")
    public static let keywordDefine = DiagnosticCode("W0103", "define of a reserved word is never used")
    public static let wideInteger = DiagnosticCode("W0104", "integer does not fit in 32 bits")
    public static let badConditionExpression = DiagnosticCode("W0105", "expression cannot be evaluated and is false")
    public static let missingLineEnd = DiagnosticCode("W0106", "#!endif without a line end")
    public static let ignoredDirective = DiagnosticCode("W0107", "malformed directive is read as a comment")

    // Syntax.
    public static let expectedToken = DiagnosticCode("E0201", "something else was expected here")
    public static let expectedStatement = DiagnosticCode("E0202", "statement was expected")
    public static let expectedExpression = DiagnosticCode("E0203", "expression was expected")
    public static let emptyBody = DiagnosticCode("E0204", "empty block")
    public static let missingSemicolon = DiagnosticCode("E0205", "statement without ';'")
    public static let unclosedBlock = DiagnosticCode("E0206", "block without '}'")
    public static let nestingTooDeep = DiagnosticCode("E0207", "nested too deeply")
    public static let unknownOperator = DiagnosticCode("E0208", "operator that does not exist")
    public static let unknownWord = DiagnosticCode("E0209", "word that means nothing here")
    public static let callInArgument = DiagnosticCode("E0210", "function call as an argument")
    public static let badArgumentList = DiagnosticCode("E0211", "empty or malformed argument")
    public static let wrongArgumentCount = DiagnosticCode("E0212", "wrong number of arguments of a core command")
    public static let badCondition = DiagnosticCode("E0213", "malformed comparison of a core value")
    public static let badRouteName = DiagnosticCode("E0214", "malformed route name")
    public static let duplicateRoute = DiagnosticCode("E0215", "route block is defined twice")
    public static let badAssignment = DiagnosticCode("E0216", "malformed assignment")
    public static let badSwitch = DiagnosticCode("E0217", "malformed switch")
    public static let unknownRouteKind = DiagnosticCode("E0218", "unknown kind of route block")
    public static let badSelect = DiagnosticCode("E0219", "malformed select")
    public static let unsupportedDialect = DiagnosticCode("E0220", "construct of another dialect")
    public static let emptySwitch = DiagnosticCode("W0201", "switch without cases")

    public static let continuedRoute = DiagnosticCode("W0202", "main route block is written in several parts")

    public static let assignedCondition = DiagnosticCode("W0203", "condition that sets a variable")

    // Global parameters, sockets, modules.
    public static let unknownParameter = DiagnosticCode("E0301", "unknown global parameter")
    public static let wrongValueKind = DiagnosticCode("E0302", "value of the wrong kind")
    public static let badSocket = DiagnosticCode("E0303", "malformed socket")
    public static let badPort = DiagnosticCode("E0304", "port out of range")
    public static let badFlag = DiagnosticCode("E0305", "malformed flag declaration")
    public static let badModuleParameter = DiagnosticCode("E0306", "malformed module parameter")
    public static let badModuleName = DiagnosticCode("E0307", "malformed module name")
    public static let badCustomParameter = DiagnosticCode("E0308", "malformed custom parameter")
    public static let obsoleteParameter = DiagnosticCode("W0301", "parameter without effect")
    public static let negativeCustomParameter = DiagnosticCode("W0302", "negative custom parameter")

    /// All codes of the front end.
    public static let frontEnd: [DiagnosticCode] = [
        cannotReadFile, includeTooDeep, malformedDirective, duplicateDefine, unknownDefine, recursiveDefine,
        expansionLimit, unbalancedConditional, conditionalTooDeep, badSubstitution, unsetEnvironment, tooManyDefines,
        unterminatedString, unterminatedComment, malformedVariable, malformedNumber, unexpectedByte, inputTooLarge,
        unknownDirective, commentHidesText, keywordDefine, wideInteger, badConditionExpression, missingLineEnd,
        ignoredDirective, continuedRoute, assignedCondition,
        expectedToken, expectedStatement, expectedExpression, emptyBody, missingSemicolon, unclosedBlock,
        nestingTooDeep, unknownOperator, unknownWord, callInArgument, badArgumentList, wrongArgumentCount,
        badCondition, badRouteName, duplicateRoute, badAssignment, badSwitch, unknownRouteKind, badSelect,
        unsupportedDialect, emptySwitch, unknownParameter, wrongValueKind, badSocket, badPort, badFlag,
        badModuleParameter, badModuleName, badCustomParameter, obsoleteParameter, negativeCustomParameter,
    ]
}
