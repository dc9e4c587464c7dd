// What a backend does, with nothing but Java 17: CHAT_URL, SID and TOKEN of the account, SERVICE, and CHANNEL.
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;

public class Backend {
  static String create(String path, String name, String value) throws Exception {
    var env = System.getenv();
    var url = env.get("CHAT_URL") + "/v1/Services/" + env.get("SERVICE") + "/Channels/" + env.get("CHANNEL") + "/" + path;
    var credentials = (env.get("SID") + ":" + env.get("TOKEN")).getBytes(StandardCharsets.UTF_8);
    var request = HttpRequest.newBuilder(URI.create(url))
        .timeout(Duration.ofSeconds(10))
        .header("Authorization", "Basic " + Base64.getEncoder().encodeToString(credentials))
        .header("Content-Type", "application/x-www-form-urlencoded")
        .POST(HttpRequest.BodyPublishers.ofString(name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8)))
        .build();
    var response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() != 201) throw new IllegalStateException(response.body());
    return response.body();
  }

  public static void main(String[] arguments) throws Exception {
    // region add more channel members
    var member = create("Members", "Identity", "kwhinnery");
    System.out.println(member);
    // endregion

    // region send a message
    var message = create("Messages", "Body", "MESSAGE");
    System.out.println(message);
    // endregion
  }
}
