package dxcp.orca;

import static com.netflix.spinnaker.orca.api.pipeline.models.ExecutionType.PIPELINE;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.netflix.spinnaker.kork.exceptions.ConfigurationException;
import com.netflix.spinnaker.kork.exceptions.UserException;
import com.netflix.spinnaker.kork.web.exceptions.NotFoundException;
import com.netflix.spinnaker.kork.web.exceptions.ValidationException;
import com.netflix.spinnaker.orca.api.pipeline.ExecutionPreprocessor;
import com.netflix.spinnaker.orca.api.pipeline.models.ExecutionStatus;
import com.netflix.spinnaker.orca.api.pipeline.models.PipelineExecution;
import com.netflix.spinnaker.orca.api.pipeline.models.StageExecution;
import com.netflix.spinnaker.orca.pipeline.CompoundExecutionOperator;
import com.netflix.spinnaker.orca.pipeline.ExecutionLauncher;
import com.netflix.spinnaker.orca.pipeline.persistence.ExecutionNotFoundException;
import com.netflix.spinnaker.orca.pipeline.persistence.ExecutionRepository;
import com.netflix.spinnaker.orca.pipeline.persistence.ExecutionRepository.ExecutionComparator;
import com.netflix.spinnaker.orca.pipeline.persistence.ExecutionRepository.ExecutionCriteria;
import com.netflix.spinnaker.orca.pipeline.util.ArtifactUtils;
import com.netflix.spinnaker.security.AuthenticatedRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/**
 * Gate's routes for one client, straight onto Orca's launcher, operator and repository, which are
 * Spinnaker's own. Written here, from what Gate and Orca's controllers are known to do, since
 * neither is published: order of lookups, checks of parameters, wording of errors, the search's
 * loop. So what a route refuses says nothing about Gate; what an execution does says all of Orca.
 */
@RestController
public class Gate {
  private final Configs configs;
  private final ExecutionLauncher launcher;
  private final ExecutionRepository repository;
  private final CompoundExecutionOperator operator;
  private final ArtifactUtils artifacts;
  private final List<ExecutionPreprocessor> preprocessors;
  private final ObjectMapper mapper;
  private final ObjectMapper sorting =
      new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

  Gate(
      Configs configs,
      ExecutionLauncher launcher,
      ExecutionRepository repository,
      CompoundExecutionOperator operator,
      ArtifactUtils artifacts,
      List<ExecutionPreprocessor> preprocessors,
      ObjectMapper mapper) {
    this.configs = configs;
    this.launcher = launcher;
    this.repository = repository;
    this.operator = operator;
    this.artifacts = artifacts;
    this.preprocessors = preprocessors;
    this.mapper = mapper;
  }

  // What a client asks before it triggers.

  @GetMapping("/version")
  Map<String, String> version() {
    return Map.of("version", "Unknown");
  }

  @GetMapping("/auth/user")
  Map<String, Object> user() {
    return Map.of("username", caller(), "roles", List.of());
  }

  @GetMapping("/applications/{application}/pipelineConfigs")
  List<Map<String, Object>> configs(@PathVariable String application) {
    return configs.ofApplication(application);
  }

  @GetMapping("/applications/{application}/pipelineConfigs/{nameOrId}")
  Map<String, Object> config(@PathVariable String application, @PathVariable String nameOrId) {
    return find(application, nameOrId);
  }

  /** By name in the application, then by id whatever the application. */
  private Map<String, Object> find(String application, String nameOrId) {
    Map<String, Object> found = configs.byName(application, nameOrId);
    if (found == null) {
      found = configs.byId(nameOrId);
    }
    if (found == null) {
      throw new NotFoundException(
          "Pipeline configuration not found (nameOrId: "
              + nameOrId
              + " in application "
              + application
              + "): Status: 404, Method: GET, URL: http://front50/pipelines/"
              + nameOrId
              + "/get, Message: No pipeline found with id "
              + nameOrId);
    }
    return found;
  }

  // The trigger.

  @PostMapping("/pipelines/{application}/{nameOrId:.+}")
  @ResponseStatus(HttpStatus.ACCEPTED)
  Map<String, String> trigger(
      @PathVariable String application,
      @PathVariable String nameOrId,
      @RequestBody(required = false) Map<String, Object> body) {
    String prefix =
        "Unable to trigger pipeline (application: "
            + application
            + ", pipelineNameOrId: "
            + nameOrId
            + "). Error: ";
    Map<String, Object> config;
    try {
      config = new LinkedHashMap<>(find(application, nameOrId));
    } catch (NotFoundException e) {
      throw new NotFoundException(prefix + e.getMessage());
    }
    Map<String, Object> trigger = new LinkedHashMap<>(body == null ? Map.of() : body);
    trigger.put("user", caller());
    trigger.putIfAbsent("notifications", new ArrayList<>());
    config.put("trigger", trigger);
    parameters(config, trigger);
    delay(config);
    try {
      return Map.of("ref", "/pipelines/" + orchestrate(config, trigger).getId());
    } catch (UserException | ValidationException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          prefix
              + "Status: 400, Method: POST, URL: http://orca/orchestrate?user="
              + caller()
              + ", Message: "
              + e.getMessage());
    }
  }

  /** A pipeline's `slowMs`: so long a trigger is under way in Gate before Orca has it. */
  private static void delay(Map<String, Object> config) {
    try {
      Thread.sleep(((Number) config.getOrDefault("slowMs", 0)).longValue());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String caller() {
    return AuthenticatedRequest.getSpinnakerUser().orElse("anonymous");
  }

  @SuppressWarnings("unchecked")
  private void parameters(Map<String, Object> config, Map<String, Object> trigger) {
    Map<String, Object> values =
        new HashMap<>((Map<String, Object>) trigger.getOrDefault("parameters", Map.of()));
    Collection<Map<String, Object>> declared =
        (Collection<Map<String, Object>>) config.getOrDefault("parameterConfig", List.of());
    for (Map<String, Object> one : declared) {
      Object name = one.get("name");
      if (Boolean.TRUE.equals(one.get("required"))
          && one.get("default") == null
          && values.get(name) == null) {
        throw new IllegalArgumentException("Required parameter " + name + " is missing");
      }
      values.putIfAbsent(String.valueOf(name), one.get("default"));
    }
    trigger.put("parameters", values);
  }

  /** A refused start leaves a record, as in Orca: launcher.fail() writes it. */
  private PipelineExecution orchestrate(Map<String, Object> config, Map<String, Object> trigger) {
    trigger.putIfAbsent("type", "manual");
    trigger.putIfAbsent("rebake", false);
    trigger.putIfAbsent("dryRun", false);
    Map<String, Object> pipeline = config;
    try {
      artifacts.resolveArtifacts(pipeline);
      for (ExecutionPreprocessor one : preprocessors) {
        if (one.supports(pipeline, ExecutionPreprocessor.Type.PIPELINE)) {
          pipeline = one.process(pipeline);
        }
      }
      if (Boolean.TRUE.equals(pipeline.get("disabled"))) {
        throw new ConfigurationException("Pipeline is disabled and cannot be started.");
      }
    } catch (RuntimeException e) {
      launcher.fail(PIPELINE, pipeline, e);
      throw e;
    }
    return launcher.start(PIPELINE, pipeline);
  }

  // What became of it.

  /**
   * As Gate passes it on: read into maps and written anew, with sorted keys. What Orca itself
   * writes has members of triggers twice, once they were in Redis.
   */
  private String passOn(Object orcas) {
    try {
      return sorting.writeValueAsString(mapper.readValue(mapper.writeValueAsBytes(orcas), Object.class));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @GetMapping(value = "/pipelines/{id}", produces = MediaType.APPLICATION_JSON_VALUE)
  String get(@PathVariable String id) {
    return passOn(one(id));
  }

  private PipelineExecution one(String id) {
    try {
      return repository.retrieve(PIPELINE, id);
    } catch (ExecutionNotFoundException e) {
      throw new NotFoundException("Pipeline not found (id: " + id + ")");
    }
  }

  @GetMapping(value = "/executions", produces = MediaType.APPLICATION_JSON_VALUE)
  String many(
      @RequestParam(required = false) String executionIds,
      @RequestParam(required = false) String pipelineConfigIds,
      @RequestParam(required = false) Integer limit,
      @RequestParam(required = false) String statuses,
      @RequestParam(defaultValue = "true") boolean expand) {
    if (executionIds != null && pipelineConfigIds != null) {
      throw new IllegalArgumentException("Only pipelineConfigIds OR executionIds can be specified");
    }
    List<PipelineExecution> found = new ArrayList<>();
    if (executionIds != null) {
      for (String id : executionIds.split(",")) {
        try {
          found.add(repository.retrieve(PIPELINE, id));
        } catch (ExecutionNotFoundException e) {
          continue;
        }
      }
    } else if (pipelineConfigIds != null) {
      ExecutionCriteria criteria = criteria(statuses).setPageSize(limit == null ? 1 : limit);
      for (String id : pipelineConfigIds.split(",")) {
        repository
            .retrievePipelinesForPipelineConfigId(id, criteria)
            .toBlocking()
            .forEach(found::add);
      }
    }
    return passOn(expand ? found : blank(found));
  }

  private static ExecutionCriteria criteria(String statuses) {
    return new ExecutionCriteria()
        .setStatuses(
            statuses == null || statuses.isEmpty()
                ? Arrays.stream(ExecutionStatus.values()).map(Enum::name).collect(Collectors.toList())
                : Arrays.asList(statuses.split(",")));
  }

  /** Not ended where fewer than `size` match in more than a page, until 10,000 pages are read. */
  @GetMapping(
      value = "/applications/{application}/executions/search",
      produces = MediaType.APPLICATION_JSON_VALUE)
  String search(
      @PathVariable String application,
      @RequestParam(required = false) String pipelineName,
      @RequestParam(required = false) String eventId,
      @RequestParam(required = false) String trigger,
      @RequestParam(required = false) String triggerTypes,
      @RequestParam(defaultValue = "0") long triggerTimeStartBoundary,
      @RequestParam(defaultValue = "9223372036854775807") long triggerTimeEndBoundary,
      @RequestParam(required = false) String statuses,
      @RequestParam(defaultValue = "0") int startIndex,
      @RequestParam(defaultValue = "10") int size,
      @RequestParam(defaultValue = "false") boolean reverse,
      @RequestParam(defaultValue = "false") boolean expand)
      throws Exception {
    Map<?, ?> wanted =
        trigger == null
            ? Map.of()
            : mapper.readValue(Base64.getDecoder().decode(trigger), Map.class);
    List<String> ids =
        configs.ofApplication(application).stream()
            .filter(c -> pipelineName == null || pipelineName.equals(c.get("name")))
            .map(c -> String.valueOf(c.get("id")))
            .collect(Collectors.toList());
    ExecutionCriteria criteria =
        criteria(statuses)
            .setPageSize(size * 2)
            .setSortType(
                reverse ? ExecutionComparator.BUILD_TIME_ASC : ExecutionComparator.BUILD_TIME_DESC);
    List<PipelineExecution> found = new ArrayList<>();
    for (int page = 1; !ids.isEmpty() && found.size() < size && page <= 10000; page++) {
      List<PipelineExecution> some =
          repository.retrievePipelinesForPipelineConfigIdsBetweenBuildTimeBoundary(
              ids, triggerTimeStartBoundary, triggerTimeEndBoundary, criteria.setPage(page));
      for (PipelineExecution one : some) {
        if (matches(one, eventId, triggerTypes, wanted)) {
          found.add(one);
        }
      }
      if (some.size() < criteria.getPageSize()) {
        break;
      }
    }
    int end = Math.min(found.size(), startIndex + size);
    found = startIndex >= end ? List.of() : found.subList(startIndex, end);
    return passOn(expand ? found : blank(found));
  }

  private boolean matches(PipelineExecution one, String event, String types, Map<?, ?> wanted) {
    Map<?, ?> has = mapper.convertValue(one.getTrigger(), Map.class);
    if (types != null && !Arrays.asList(types.split(",")).contains(one.getTrigger().getType())) {
      return false;
    }
    if (event != null && !event.equals(has.get("eventId"))) {
      return false;
    }
    return wanted.entrySet().stream()
        .allMatch(
            w ->
                String.valueOf(has.get(w.getKey())).equalsIgnoreCase(String.valueOf(w.getValue()))
                    || String.valueOf(has.get(w.getKey())).matches(String.valueOf(w.getValue())));
  }

  private static List<PipelineExecution> blank(List<PipelineExecution> executions) {
    for (PipelineExecution one : executions) {
      for (StageExecution stage : one.getStages()) {
        stage.setContext(Map.of());
        stage.setOutputs(Map.of());
        stage.setTasks(List.of());
      }
    }
    return executions;
  }

  // What can be done to it.

  @PutMapping("/pipelines/{id}/cancel")
  void cancel(@PathVariable String id, @RequestParam(required = false) String reason) {
    one(id);
    operator.cancel(PIPELINE, id, caller(), reason);
  }

  @PutMapping("/pipelines/{id}/pause")
  void pause(@PathVariable String id) {
    operator.pause(PIPELINE, id, caller());
  }

  @PutMapping("/pipelines/{id}/resume")
  void resume(@PathVariable String id) {
    operator.resume(PIPELINE, id, caller(), false);
  }

  @PatchMapping(
      value = "/pipelines/{id}/stages/{stageId}",
      produces = MediaType.APPLICATION_JSON_VALUE)
  String patch(
      @PathVariable String id, @PathVariable String stageId, @RequestBody Map<String, Object> set) {
    return passOn(
        operator.updateStage(PIPELINE, id, stageId, stage -> stage.getContext().putAll(set)));
  }

  @PutMapping(
      value = "/pipelines/{id}/stages/{stageId}/restart",
      produces = MediaType.APPLICATION_JSON_VALUE)
  String restart(@PathVariable String id, @PathVariable String stageId) {
    return passOn(operator.restartStage(id, stageId, new HashMap<>()));
  }
}
