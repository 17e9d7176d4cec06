package dxcp.orca;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.netflix.spinnaker.kork.jedis.RedisClientSelector;
import com.netflix.spinnaker.kork.web.exceptions.NotFoundException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * The part of Front50 that Orca asks and that a test fills: pipeline configurations, kept in
 * Redis so that they outlive this process. Front50 itself is not published.
 */
@RestController
@RequestMapping("/front50")
public class Configs {
  private static final String KEY = "dxcp:configs";
  private final RedisClientSelector redis;
  private final ObjectMapper mapper;

  Configs(RedisClientSelector redis, ObjectMapper mapper) {
    this.redis = redis;
    this.mapper = mapper;
  }

  @PostMapping("/pipelines")
  Map<String, Object> save(@RequestBody Map<String, Object> config) throws Exception {
    Map<String, Object> old =
        byName(String.valueOf(config.get("application")), String.valueOf(config.get("name")));
    Map<String, Object> saved = new LinkedHashMap<>(config);
    saved.putIfAbsent("id", old != null ? old.get("id") : UUID.randomUUID().toString());
    saved.put("updateTs", String.valueOf(System.currentTimeMillis()));
    saved.put("lastModifiedBy", "anonymous");
    String text = mapper.writeValueAsString(saved);
    redis
        .primary("default")
        .withCommandsClient(
            c -> {
              c.hset(KEY, String.valueOf(saved.get("id")), text);
            });
    return saved;
  }

  @DeleteMapping("/pipelines/{id}")
  void remove(@PathVariable String id) {
    redis.primary("default").withCommandsClient(c -> {
      c.hdel(KEY, id);
    });
  }

  @GetMapping("/pipelines/{application}")
  List<Map<String, Object>> ofApplication(@PathVariable String application) {
    List<Map<String, Object>> found = new ArrayList<>();
    for (Map<String, Object> one : all()) {
      if (application.equals(one.get("application"))) {
        found.add(one);
      }
    }
    return found;
  }

  @GetMapping("/pipelines")
  List<Map<String, Object>> all() {
    List<Map<String, Object>> found = new ArrayList<>();
    Map<String, String> texts = redis.primary("default").withCommandsClient(c -> {
      return c.hgetAll(KEY);
    });
    texts.values().forEach(text -> found.add(parse(text)));
    return found;
  }

  @GetMapping("/pipelines/{id}/get")
  Map<String, Object> get(@PathVariable String id) {
    Map<String, Object> found = byId(id);
    if (found == null) {
      throw new NotFoundException("No pipeline found with id " + id);
    }
    return found;
  }

  Map<String, Object> byId(String id) {
    String text = redis.primary("default").withCommandsClient(c -> {
      return c.hget(KEY, id);
    });
    return text == null ? null : parse(text);
  }

  Map<String, Object> byName(String application, String name) {
    for (Map<String, Object> one : ofApplication(application)) {
      if (name.equals(one.get("name"))) {
        return one;
      }
    }
    return null;
  }

  @SuppressWarnings("unchecked")
  private Map<String, Object> parse(String text) {
    try {
      return mapper.readValue(text, Map.class);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
