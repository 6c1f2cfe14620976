package io.escrowmq.crash.bank;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A data source with a fault point before and after each statement, commit and rollback, whose
 * statements can be sabotaged.
 */
final class WatchedDataSource {

  private static final Set<String> ENDS = Set.of("commit", "rollback");
  private static final int NAME_WORDS = 3;

  private WatchedDataSource() {}

  /** The same data source, watched. */
  static DataSource of(DataSource source, FaultPoints points, Sabotage sabotage) {
    return proxy(
        DataSource.class,
        (proxy, method, arguments) -> {
          @Nullable Object result = call(source, method, arguments);
          return result instanceof Connection connection
              ? watched(connection, points, sabotage)
              : result;
        });
  }

  private static Connection watched(Connection connection, FaultPoints points, Sabotage sabotage) {
    return proxy(
        Connection.class,
        (proxy, method, arguments) -> {
          if (method.getName().equals("prepareStatement") && arguments.length == 1) {
            String sql = (String) arguments[0];
            PreparedStatement statement = connection.prepareStatement(sabotage.rewrite(sql));
            return watched(statement, name(sql), points);
          }
          boolean end = ENDS.contains(method.getName());
          return end
              ? between(connection, method, arguments, method.getName(), points)
              : call(connection, method, arguments);
        });
  }

  private static PreparedStatement watched(
      PreparedStatement statement, String name, FaultPoints points) {
    return proxy(
        PreparedStatement.class,
        (proxy, method, arguments) ->
            method.getName().startsWith("execute")
                ? between(statement, method, arguments, name, points)
                : call(statement, method, arguments));
  }

  private static @Nullable Object between(
      Object target, Method method, @Nullable Object[] arguments, String name, FaultPoints points)
      throws Throwable {
    points.reached("before " + name);
    Object result = call(target, method, arguments);
    points.reached("after " + name);
    return result;
  }

  private static @Nullable Object call(Object target, Method method, @Nullable Object[] arguments)
      throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private static String name(String sql) {
    String[] words = sql.split("\\s+", -1);
    return String.join(" ", java.util.Arrays.copyOf(words, Math.min(words.length, NAME_WORDS)));
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }
}
