package dxcp.orca;

import com.netflix.spinnaker.kork.retrofit.exceptions.SpinnakerRetrofitErrorHandler;
import com.netflix.spinnaker.orca.api.pipeline.RetryableTask;
import com.netflix.spinnaker.orca.api.pipeline.TaskResult;
import com.netflix.spinnaker.orca.api.pipeline.models.ExecutionStatus;
import com.netflix.spinnaker.orca.api.pipeline.models.StageExecution;
import java.util.Map;
import org.springframework.stereotype.Component;
import retrofit.RestAdapter;
import retrofit.client.Response;
import retrofit.http.Body;
import retrofit.http.POST;
import retrofit.mime.TypedString;

/**
 * Posts to the stage's `url` through the HTTP client and error handler that Orca's tasks use; what
 * it throws is theirs. `say` fails with that text instead, `set` is merged into the stage's
 * context before, `status` is the result (SUCCEEDED).
 */
@Component
public class CallTask implements RetryableTask {
  interface Endpoint {
    @POST("/")
    Response call(@Body TypedString body);
  }

  @Override
  @SuppressWarnings("unchecked")
  public TaskResult execute(StageExecution stage) {
    Map<String, Object> context = stage.getContext();
    if (context.get("url") != null) {
      new RestAdapter.Builder()
          .setEndpoint(String.valueOf(context.get("url")))
          .setErrorHandler(SpinnakerRetrofitErrorHandler.getInstance())
          .build()
          .create(Endpoint.class)
          .call(new TypedString("{}"));
    }
    if (context.get("say") != null) {
      throw new IllegalStateException(String.valueOf(context.get("say")));
    }
    Object status = context.getOrDefault("status", "SUCCEEDED");
    Map<String, Object> set = (Map<String, Object>) context.getOrDefault("set", Map.of());
    return TaskResult.builder(ExecutionStatus.valueOf(String.valueOf(status)))
        .context(set)
        .outputs(set)
        .build();
  }

  @Override
  public long getBackoffPeriod() {
    return 500;
  }

  @Override
  public long getTimeout() {
    return 10_000;
  }
}
