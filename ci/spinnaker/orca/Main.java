package dxcp.orca;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.netflix.spinnaker.fiat.shared.EnableFiatAutoConfig;
import com.netflix.spinnaker.filters.AuthenticatedRequestFilter;
import com.netflix.spinnaker.orca.config.OrcaConfiguration;
import com.netflix.spinnaker.orca.config.RedisConfiguration;
import com.netflix.spinnaker.orca.front50.config.Front50Configuration;
import com.netflix.spinnaker.orca.jackson.OrcaObjectMapper;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.autoconfigure.data.redis.RedisAutoConfiguration;
import org.springframework.boot.autoconfigure.groovy.template.GroovyTemplateAutoConfiguration;
import org.springframework.boot.autoconfigure.security.servlet.SecurityAutoConfiguration;
import org.springframework.boot.autoconfigure.security.servlet.UserDetailsServiceAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.security.servlet.ManagementWebSecurityAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import org.springframework.core.Ordered;
import org.springframework.scheduling.annotation.EnableAsync;

/** Orca's libraries put together as Orca's own program does, less what is not published. */
@EnableAsync
@EnableFiatAutoConfig
@Import({
  OrcaConfiguration.class,
  RedisConfiguration.class,
  Front50Configuration.class,
  Configs.class,
  Gate.class,
  CallStage.class,
  CallTask.class
})
@SpringBootApplication(
    scanBasePackages = "com.netflix.spinnaker.config",
    exclude = {
      RedisAutoConfiguration.class,
      GroovyTemplateAutoConfiguration.class,
      SecurityAutoConfiguration.class,
      UserDetailsServiceAutoConfiguration.class,
      ManagementWebSecurityAutoConfiguration.class
    })
public class Main {
  public static void main(String[] args) {
    new SpringApplicationBuilder()
        .properties("spring.application.name=orca", "spring.config.name=orca")
        .sources(Main.class)
        .run(args);
  }

  @Bean
  @Primary
  ObjectMapper objectMapper() {
    return OrcaObjectMapper.getInstance();
  }

  /** As Gate has it: what a client says in X-SPINNAKER-* headers is taken for true. */
  @Bean
  FilterRegistrationBean<AuthenticatedRequestFilter> authenticatedRequestFilter() {
    FilterRegistrationBean<AuthenticatedRequestFilter> it =
        new FilterRegistrationBean<>(new AuthenticatedRequestFilter(true, true, false, true));
    it.setOrder(Ordered.HIGHEST_PRECEDENCE);
    return it;
  }
}
