import com.apollographql.apollo.ApolloClient
import com.apollographql.apollo.network.websocket.GraphQLWsProtocol
import com.apollographql.apollo.network.websocket.WebSocketNetworkTransport

// The device is one installation of the application: keep its id.
fun chat(url: String, token: suspend () -> String, deviceId: String): ApolloClient =
    ApolloClient.Builder()
        .serverUrl("$url/graphql")
        .subscriptionNetworkTransport(
            WebSocketNetworkTransport.Builder()
                .serverUrl("$url/graphql")
                .wsProtocol(GraphQLWsProtocol(connectionPayload = { mapOf("token" to token(), "deviceId" to deviceId) }))
                .build(),
        )
        .build()
