apollo {
    service("chat") {
        packageName.set("chat")
        schemaFiles.from("schema/schema.graphql")
        srcDir("client/operations")
        mapScalarToKotlinString("DateTime")
    }
}
