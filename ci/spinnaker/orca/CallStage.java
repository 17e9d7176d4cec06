package dxcp.orca;

import com.netflix.spinnaker.orca.api.pipeline.graph.StageDefinitionBuilder;
import com.netflix.spinnaker.orca.api.pipeline.graph.TaskNode;
import com.netflix.spinnaker.orca.api.pipeline.models.StageExecution;
import org.springframework.stereotype.Component;

/** A stage `call` of one task, see CallTask: for failures the way Orca's own tasks have them. */
@Component
public class CallStage implements StageDefinitionBuilder {
  @Override
  public void taskGraph(StageExecution stage, TaskNode.Builder builder) {
    builder.withTask("call", CallTask.class);
  }

  @Override
  public String getType() {
    return "call";
  }
}
